using System.Runtime.CompilerServices;

namespace HashMatch.Imaging.Jpeg;

/// <content>One block at a time: what the vectors are held to.</content>
internal static partial class BlockTransform
{
    private static void FullScalar(Span<int> coefficients, Span<float> rows, int stride)
    {
        Span<int> samples = stackalloc int[8];
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int column = 0; column < 8; column++)
            {
                Inverse8(coefficients[((column * Lanes) + lane)..], 8 * Lanes, ColumnShift, samples);
                for (int row = 0; row < 8; row++)
                {
                    coefficients[(((row * 8) + column) * Lanes) + lane] = samples[row];
                }
            }

            for (int row = 0; row < 8; row++)
            {
                Inverse8(coefficients[((row * 8 * Lanes) + lane)..], Lanes, RowShift, samples);
                for (int column = 0; column < 8; column++)
                {
                    rows[(row * stride) + (lane * 8) + column] =
                        Math.Min(Math.Max(unchecked(samples[column] + Middle), 0), Top);
                }
            }
        }
    }

    private static void HalfScalar(Span<int> coefficients, Span<float> rows, int stride)
    {
        Span<float> columns = stackalloc float[16];
        Span<float> samples = stackalloc float[4];
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int i = 0; i < 16; i++)
            {
                columns[i] = coefficients[(i * Lanes) + lane] * HalfScales[i];
            }

            for (int column = 0; column < 4; column++)
            {
                Inverse4(columns[column], columns[4 + column], columns[8 + column], columns[12 + column], samples);
                for (int row = 0; row < 4; row++)
                {
                    columns[(row * 4) + column] = samples[row];
                }
            }

            for (int row = 0; row < 4; row++)
            {
                Span<float> at = columns[(4 * row)..];
                Inverse4(at[0], at[1], at[2], at[3], samples);
                for (int column = 0; column < 4; column++)
                {
                    rows[(row * stride) + (lane * 4) + column] = Level(samples[column]);
                }
            }
        }
    }

    private static void QuarterScalar(Span<int> coefficients, Span<float> rows, int stride)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            float mean = coefficients[lane] * QuarterScales[0];
            float across = coefficients[Lanes + lane] * QuarterScales[1];
            float down = coefficients[(2 * Lanes) + lane] * QuarterScales[2];
            float both = coefficients[(3 * Lanes) + lane] * QuarterScales[3];
            float left = mean + down;
            float right = across + both;
            rows[2 * lane] = Level(left + right);
            rows[(2 * lane) + 1] = Level(left - right);
            left = mean - down;
            right = across - both;
            rows[stride + (2 * lane)] = Level(left + right);
            rows[stride + (2 * lane) + 1] = Level(left - right);
        }
    }

    private static void EighthScalar(Span<int> coefficients, Span<float> rows)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            rows[lane] = Level(coefficients[lane] * EighthScale);
        }
    }

    private static void Inverse8(ReadOnlySpan<int> from, int step, int shift, Span<int> samples)
    {
        unchecked
        {
            int round = 1 << (shift - 1);
            (int x2, int x6) = (from[2 * step], from[6 * step]);
            int z1 = (x2 + x6) * C0541;
            int even2 = z1 - (x6 * C1847);
            int even3 = z1 + (x2 * C0765);
            (int x0, int x4) = (from[0], from[4 * step]);
            int even0 = ((x0 + x4) << ConstantBits) + round;
            int even1 = ((x0 - x4) << ConstantBits) + round;
            (int odd0, int odd1, int odd2, int odd3) =
                (from[7 * step], from[5 * step], from[3 * step], from[step]);
            int z3 = odd0 + odd2;
            int z4 = odd1 + odd3;
            int z5 = (z3 + z4) * C1175;
            z1 = (odd0 + odd3) * C0899;
            int z2 = (odd1 + odd2) * C2562;
            z3 = z5 - (z3 * C1961);
            z4 = z5 - (z4 * C0390);
            odd0 = (odd0 * C0298) - z1 + z3;
            odd1 = (odd1 * C2053) - z2 + z4;
            odd2 = (odd2 * C3072) - z2 + z3;
            odd3 = (odd3 * C1501) - z1 + z4;
            samples[0] = (even0 + even3 + odd3) >> shift;
            samples[7] = (even0 + even3 - odd3) >> shift;
            samples[1] = (even1 + even2 + odd2) >> shift;
            samples[6] = (even1 + even2 - odd2) >> shift;
            samples[2] = (even1 - even2 + odd1) >> shift;
            samples[5] = (even1 - even2 - odd1) >> shift;
            samples[3] = (even0 - even3 + odd0) >> shift;
            samples[4] = (even0 - even3 - odd0) >> shift;
        }
    }

    private static void Inverse4(float x0, float x1, float x2, float x3, Span<float> samples)
    {
        float even0 = x0 + x2;
        float even1 = x0 - x2;
        float odd0 = (x1 * Cos1) + (x3 * Cos3);
        float odd1 = (x1 * Cos3) - (x3 * Cos1);
        samples[0] = even0 + odd0;
        samples[1] = even1 + odd1;
        samples[2] = even1 - odd1;
        samples[3] = even0 - odd0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Level(float value) => MathF.Min(MathF.Max(value + Middle, 0), Top);
}
