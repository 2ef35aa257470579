namespace HashMatch.Pdq;

/// <summary>
/// The inner loops of the folded filter. A row is multiplied, then added, never fused; a dot product keeps sixteen
/// sums, one for each place modulo sixteen, and adds them up in halves, so all widths give the same bits.
/// </summary>
internal static unsafe partial class TentFilter
{
    private const int Lanes = TentKernel.Lanes;

    /// <summary>Adds a row, weighted, to sums of rows.</summary>
    /// <param name="sums">One float a column.</param>
    /// <param name="row">One float a column.</param>
    /// <param name="weight">The row's weight.</param>
    /// <param name="columns">Any number.</param>
    /// <param name="vectors">Must be supported.</param>
    public static void AddRow(float* sums, float* row, float weight, int columns, VectorWidth vectors)
    {
        int done = vectors switch
        {
            VectorWidth.V512 => AddRow512(sums, row, weight, columns),
            VectorWidth.V256 => AddRow256(sums, row, weight, columns),
            VectorWidth.V128 => AddRow128(sums, row, weight, columns),
            _ => 0,
        };
        for (int x = done; x < columns; x++)
        {
            sums[x] += weight * row[x];
        }
    }

    /// <summary>Reduces the sums of one line to 64 columns.</summary>
    /// <param name="sums">One float a column, with <see cref="TentKernel.Lanes"/> floats readable after them.</param>
    /// <param name="kernel">Of the columns.</param>
    /// <param name="line">64 floats.</param>
    /// <param name="vectors">Must be supported.</param>
    public static void Reduce(float* sums, TentKernel kernel, float* line, VectorWidth vectors)
    {
        fixed (float* weights = kernel.Weights)
        {
            for (int j = 0; j < TentKernel.Lines; j++)
            {
                float* from = sums + kernel.Start(j);
                float* scales = weights + kernel.Offset(j);
                int count = kernel.Count(j);
                line[j] = vectors switch
                {
                    VectorWidth.V512 => Dot512(from, scales, count),
                    VectorWidth.V256 => Dot256(from, scales, count),
                    VectorWidth.V128 => Dot128(from, scales, count),
                    _ => DotScalar(from, scales, count),
                };
            }
        }
    }

    private static float DotScalar(float* values, float* weights, int count)
    {
        float* sums = stackalloc float[Lanes];
        new Span<float>(sums, Lanes).Clear();
        for (int i = 0; i < count; i++)
        {
            sums[i % Lanes] += values[i] * weights[i];
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                sums[i] += sums[i + half];
            }
        }

        return sums[0];
    }
}
