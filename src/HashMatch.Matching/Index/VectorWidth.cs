namespace HashMatch.Matching.Index;

/// <summary>Which kernels a table uses.</summary>
internal enum VectorWidth
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}
