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
