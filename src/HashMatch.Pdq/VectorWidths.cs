using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <summary>Which widths this machine has.</summary>
internal static class VectorWidths
{
    /// <summary>The widest.</summary>
    public static VectorWidth Widest =>
        IsSupported(VectorWidth.V512) ? VectorWidth.V512
        : IsSupported(VectorWidth.V256) ? VectorWidth.V256
        : IsSupported(VectorWidth.V128) ? VectorWidth.V128
        : VectorWidth.Scalar;

    /// <summary>Whether the kernels of a width run here.</summary>
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Scalar => true,
        VectorWidth.V128 => Vector128.IsHardwareAccelerated
            && (Sse41.IsSupported || AdvSimd.Arm64.IsSupported),
        VectorWidth.V256 => Vector256.IsHardwareAccelerated
            && Avx2.IsSupported
            && Fma.IsSupported,
        VectorWidth.V512 => Vector512.IsHardwareAccelerated
            && Avx512BW.IsSupported
            && Avx512DQ.IsSupported,
        _ => throw new ArgumentOutOfRangeException(nameof(width)),
    };
}
