using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>A lane of the gate switches instruction sets off; here it proves that it did.</summary>
public sealed class LaneTests
{
    [Fact]
    public void A_lane_has_the_width_that_it_claims()
    {
        string lane = Environment.GetEnvironmentVariable("HASHMATCH_LANE") ?? "";
        switch (lane)
        {
            case "avx512":
                Assert.True(Vector512.IsHardwareAccelerated);
                Assert.Equal(VectorWidth.V512, VectorWidths.Widest);
                break;
            case "avx2":
                Assert.False(Vector512.IsHardwareAccelerated);
                Assert.True(Avx2.IsSupported);
                Assert.Equal(VectorWidth.V256, VectorWidths.Widest);
                break;
            case "sse":
                Assert.False(Avx2.IsSupported);
                Assert.True(Sse41.IsSupported);
                Assert.Equal(VectorWidth.V128, VectorWidths.Widest);
                break;
            case "arm64":
                Assert.Equal(VectorWidth.V128, VectorWidths.Widest);
                break;
            case "scalar":
                Assert.False(Vector128.IsHardwareAccelerated);
                Assert.Equal(VectorWidth.Scalar, VectorWidths.Widest);
                break;
            case "":
                Assert.Skip("HASHMATCH_LANE names no lane.");
                break;
            default:
                Assert.Fail($"There is no lane {lane}: avx512, avx2, sse, arm64, scalar.");
                break;
        }
    }
}
