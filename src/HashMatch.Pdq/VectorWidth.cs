using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <summary>Which kernels run. All give the same bits.</summary>
internal enum VectorWidth
{
    /// <summary>One float at a time.</summary>
    Scalar,

    /// <summary>Four floats: Arm64 AdvSimd, x86 SSE.</summary>
    V128,

    /// <summary>Eight floats: AVX2 with FMA.</summary>
    V256,

    /// <summary>Sixteen floats: AVX-512 F, BW, DQ, VL.</summary>
    V512,
}

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
            && (System.Runtime.Intrinsics.X86.Sse41.IsSupported
                || System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported),
        VectorWidth.V256 => Vector256.IsHardwareAccelerated
            && System.Runtime.Intrinsics.X86.Avx2.IsSupported
            && System.Runtime.Intrinsics.X86.Fma.IsSupported,
        VectorWidth.V512 => Vector512.IsHardwareAccelerated
            && System.Runtime.Intrinsics.X86.Avx512BW.IsSupported
            && System.Runtime.Intrinsics.X86.Avx512DQ.IsSupported,
        _ => throw new ArgumentOutOfRangeException(nameof(width)),
    };
}
