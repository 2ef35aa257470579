namespace HashMatch.Pdq;

/// <summary>
/// The 16 x 16 low frequencies, without the constant one, of a 64 x 64 block: B = (D A) D^t, where
/// D[i][j] = sqrt(2 / 64) cos(pi / 128 (i + 1) (2 j + 1)). Every sum runs over k = 0..63 in order, multiply and add
/// rounded separately, so all widths give the reference's bits.
/// </summary>
internal static unsafe partial class Dct64To16
{
    /// <summary>Rows and columns of the block.</summary>
    public const int BlockSide = 64;

    /// <summary>Rows and columns of coefficients.</summary>
    public const int Side = 16;

    /// <summary>Number of coefficients, which is that of a hash's bits.</summary>
    public const int Count = Side * Side;

    // D by rows of 64, and its transpose by rows of 16.
    private static readonly float[] Matrix = CreateMatrix();
    private static readonly float[] Transposed = Transpose(Matrix);

    /// <summary>Coefficients of a block.</summary>
    /// <param name="block">64 x 64 samples, row-major.</param>
    /// <param name="coefficients">16 x 16, row-major.</param>
    /// <param name="vectors">Must be supported.</param>
    public static void Transform(float* block, float* coefficients, VectorWidth vectors)
    {
        float* rows = stackalloc float[Side * BlockSide];
        fixed (float* matrix = Matrix, transposed = Transposed)
        {
            switch (vectors)
            {
                case VectorWidth.V512:
                    Transform512(matrix, transposed, block, rows, coefficients);
                    break;
                case VectorWidth.V256:
                    Transform256(matrix, transposed, block, rows, coefficients);
                    break;
                case VectorWidth.V128:
                    Transform128(matrix, transposed, block, rows, coefficients);
                    break;
                default:
                    TransformScalar(matrix, transposed, block, rows, coefficients);
                    break;
            }
        }

        new Span<float>(rows, Side * BlockSide).Clear();
    }

    private static void TransformScalar(
        float* matrix, float* transposed, float* block, float* rows, float* coefficients)
    {
        for (int i = 0; i < Side; i++)
        {
            float* row = rows + (i * BlockSide);
            SumScaled(matrix + (i * BlockSide), block, BlockSide, row);
            SumScaled(row, transposed, Side, coefficients + (i * Side));
        }
    }

    /// <summary>64 scales times 64 rows, added up, four columns abreast.</summary>
    private static void SumScaled(float* scales, float* rows, int columns, float* sums)
    {
        for (int j = 0; j < columns; j += 4)
        {
            float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
            float* row = rows + j;
            for (int k = 0; k < BlockSide; k++)
            {
                float scale = scales[k];
                sum0 += scale * row[0];
                sum1 += scale * row[1];
                sum2 += scale * row[2];
                sum3 += scale * row[3];
                row += columns;
            }

            sums[j] = sum0;
            sums[j + 1] = sum1;
            sums[j + 2] = sum2;
            sums[j + 3] = sum3;
        }
    }

    private static float[] CreateMatrix()
    {
        float[] matrix = new float[Side * BlockSide];
        float scale = (float)Math.Sqrt(2.0 / BlockSide);
        for (int i = 0; i < Side; i++)
        {
            for (int j = 0; j < BlockSide; j++)
            {
                double angle = Math.PI / 2.0 / BlockSide * (i + 1) * ((2 * j) + 1);
                matrix[(i * BlockSide) + j] = (float)(scale * Math.Cos(angle));
            }
        }

        return matrix;
    }

    private static float[] Transpose(float[] matrix)
    {
        float[] transposed = new float[matrix.Length];
        for (int i = 0; i < Side; i++)
        {
            for (int j = 0; j < BlockSide; j++)
            {
                transposed[(j * Side) + i] = matrix[(i * BlockSide) + j];
            }
        }

        return transposed;
    }
}
