using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Jpeg;

/// <content>Sixteen blocks at a time.</content>
internal static partial class BlockTransform
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Full512(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int lane = 0; lane < Lanes; lane += Vector512<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            for (int column = 0; column < 8; column++)
            {
                Inverse8(
                    ref Unsafe.Add(ref batch, column * Lanes), 8 * Lanes, ColumnShift, out Vector512<int> s0,
                    out Vector512<int> s1, out Vector512<int> s2, out Vector512<int> s3, out Vector512<int> s4,
                    out Vector512<int> s5, out Vector512<int> s6, out Vector512<int> s7);
                ref int to = ref Unsafe.Add(ref batch, column * Lanes);
                Store(s0, ref to, 0);
                Store(s1, ref to, 8 * Lanes);
                Store(s2, ref to, 16 * Lanes);
                Store(s3, ref to, 24 * Lanes);
                Store(s4, ref to, 32 * Lanes);
                Store(s5, ref to, 40 * Lanes);
                Store(s6, ref to, 48 * Lanes);
                Store(s7, ref to, 56 * Lanes);
            }

            for (int row = 0; row < 8; row++)
            {
                Inverse8(
                    ref Unsafe.Add(ref batch, row * 8 * Lanes), Lanes, RowShift, out Vector512<int> s0,
                    out Vector512<int> s1, out Vector512<int> s2, out Vector512<int> s3, out Vector512<int> s4,
                    out Vector512<int> s5, out Vector512<int> s6, out Vector512<int> s7);
                ref float to = ref Unsafe.Add(ref rows, (row * stride) + (8 * lane));
                Spread8(
                    Sample(s0), Sample(s1), Sample(s2), Sample(s3), Sample(s4), Sample(s5), Sample(s6), Sample(s7),
                    ref to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Half512(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int lane = 0; lane < Lanes; lane += Vector512<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            for (int column = 0; column < 4; column++)
            {
                ref int at = ref Unsafe.Add(ref batch, column * Lanes);
                Inverse4(
                    Scaled512(ref at, 0, HalfScales[column]), Scaled512(ref at, 4 * Lanes, HalfScales[4 + column]),
                    Scaled512(ref at, 8 * Lanes, HalfScales[8 + column]),
                    Scaled512(ref at, 12 * Lanes, HalfScales[12 + column]), out Vector512<float> s0,
                    out Vector512<float> s1, out Vector512<float> s2, out Vector512<float> s3);
                Store(s0.AsInt32(), ref at, 0);
                Store(s1.AsInt32(), ref at, 4 * Lanes);
                Store(s2.AsInt32(), ref at, 8 * Lanes);
                Store(s3.AsInt32(), ref at, 12 * Lanes);
            }

            for (int row = 0; row < 4; row++)
            {
                ref int at = ref Unsafe.Add(ref batch, row * 4 * Lanes);
                Inverse4(
                    Load512(ref at, 0).AsSingle(), Load512(ref at, Lanes).AsSingle(),
                    Load512(ref at, 2 * Lanes).AsSingle(), Load512(ref at, 3 * Lanes).AsSingle(),
                    out Vector512<float> s0, out Vector512<float> s1, out Vector512<float> s2,
                    out Vector512<float> s3);
                Spread4(
                    Level(s0), Level(s1), Level(s2), Level(s3), ref Unsafe.Add(ref rows, (row * stride) + (4 * lane)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Quarter512(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int lane = 0; lane < Lanes; lane += Vector512<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            Vector512<float> mean = Scaled512(ref batch, 0, QuarterScales[0]);
            Vector512<float> across = Scaled512(ref batch, Lanes, QuarterScales[1]);
            Vector512<float> down = Scaled512(ref batch, 2 * Lanes, QuarterScales[2]);
            Vector512<float> both = Scaled512(ref batch, 3 * Lanes, QuarterScales[3]);
            Vector512<float> left = mean + down;
            Vector512<float> right = across + both;
            Spread2(Level(left + right), Level(left - right), ref Unsafe.Add(ref rows, 2 * lane));
            left = mean - down;
            right = across - both;
            Spread2(Level(left + right), Level(left - right), ref Unsafe.Add(ref rows, stride + (2 * lane)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Eighth512(ref int coefficients, ref float rows)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        for (int lane = 0; lane < Lanes; lane += Vector512<int>.Count)
        {
            Level(Scaled512(ref coefficients, lane, EighthScale)).StoreUnsafe(ref rows, (nuint)lane);
        }
    }

    /// <summary>libjpeg's accurate inverse DCT of eight; 32 bits hold it for coefficients of 8-bit samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse8(
        ref int from,
        int step,
        int shift,
        out Vector512<int> s0,
        out Vector512<int> s1,
        out Vector512<int> s2,
        out Vector512<int> s3,
        out Vector512<int> s4,
        out Vector512<int> s5,
        out Vector512<int> s6,
        out Vector512<int> s7)
    {
        Vector512<int> round = Vector512.Create(1 << (shift - 1));
        Vector512<int> x2 = Load512(ref from, 2 * step);
        Vector512<int> x6 = Load512(ref from, 6 * step);
        Vector512<int> z1 = (x2 + x6) * C0541;
        Vector512<int> even2 = z1 - (x6 * C1847);
        Vector512<int> even3 = z1 + (x2 * C0765);
        Vector512<int> x0 = Load512(ref from, 0);
        Vector512<int> x4 = Load512(ref from, 4 * step);
        Vector512<int> even0 = ((x0 + x4) << ConstantBits) + round;
        Vector512<int> even1 = ((x0 - x4) << ConstantBits) + round;
        Vector512<int> y0 = even0 + even3;
        Vector512<int> y3 = even0 - even3;
        Vector512<int> y1 = even1 + even2;
        Vector512<int> y2 = even1 - even2;
        Vector512<int> odd0 = Load512(ref from, 7 * step);
        Vector512<int> odd1 = Load512(ref from, 5 * step);
        Vector512<int> odd2 = Load512(ref from, 3 * step);
        Vector512<int> odd3 = Load512(ref from, step);
        Vector512<int> z3 = odd0 + odd2;
        Vector512<int> z4 = odd1 + odd3;
        Vector512<int> z5 = (z3 + z4) * C1175;
        z1 = (odd0 + odd3) * C0899;
        Vector512<int> z2 = (odd1 + odd2) * C2562;
        z3 = z5 - (z3 * C1961);
        z4 = z5 - (z4 * C0390);
        odd0 = (odd0 * C0298) - z1 + z3;
        odd1 = (odd1 * C2053) - z2 + z4;
        odd2 = (odd2 * C3072) - z2 + z3;
        odd3 = (odd3 * C1501) - z1 + z4;
        s0 = (y0 + odd3) >> shift;
        s7 = (y0 - odd3) >> shift;
        s1 = (y1 + odd2) >> shift;
        s6 = (y1 - odd2) >> shift;
        s2 = (y2 + odd1) >> shift;
        s5 = (y2 - odd1) >> shift;
        s3 = (y3 + odd0) >> shift;
        s4 = (y3 - odd0) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse4(
        Vector512<float> x0,
        Vector512<float> x1,
        Vector512<float> x2,
        Vector512<float> x3,
        out Vector512<float> s0,
        out Vector512<float> s1,
        out Vector512<float> s2,
        out Vector512<float> s3)
    {
        Vector512<float> even0 = x0 + x2;
        Vector512<float> even1 = x0 - x2;
        Vector512<float> odd0 = (x1 * Cos1) + (x3 * Cos3);
        Vector512<float> odd1 = (x1 * Cos3) - (x3 * Cos1);
        s0 = even0 + odd0;
        s1 = even1 + odd1;
        s2 = even1 - odd1;
        s3 = even0 - odd0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sample(Vector512<int> value) => Vector512.ConvertToSingle(
        Vector512.Min(
            Vector512.Max(value + Vector512.Create(Middle), Vector512<int>.Zero), Vector512.Create(Top)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Level(Vector512<float> value) => Vector512.MinNative(
        Vector512.MaxNative(value + Vector512.Create((float)Middle), Vector512<float>.Zero),
        Vector512.Create((float)Top));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scaled512(ref int from, int at, float scale) =>
        Vector512.ConvertToSingle(Load512(ref from, at)) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Load512(ref int from, int at) =>
        Vector512.LoadUnsafe(ref from, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<int> value, ref int to, int at) =>
        value.StoreUnsafe(ref to, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread8(
        Vector512<float> s0,
        Vector512<float> s1,
        Vector512<float> s2,
        Vector512<float> s3,
        Vector512<float> s4,
        Vector512<float> s5,
        Vector512<float> s6,
        Vector512<float> s7,
        ref float to)
    {
        Spread8(
            s0.GetLower(), s1.GetLower(), s2.GetLower(), s3.GetLower(), s4.GetLower(), s5.GetLower(), s6.GetLower(),
            s7.GetLower(), ref to);
        Spread8(
            s0.GetUpper(), s1.GetUpper(), s2.GetUpper(), s3.GetUpper(), s4.GetUpper(), s5.GetUpper(), s6.GetUpper(),
            s7.GetUpper(), ref Unsafe.Add(ref to, 64));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread4(
        Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, ref float to)
    {
        Spread4(s0.GetLower(), s1.GetLower(), s2.GetLower(), s3.GetLower(), ref to);
        Spread4(s0.GetUpper(), s1.GetUpper(), s2.GetUpper(), s3.GetUpper(), ref Unsafe.Add(ref to, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread2(Vector512<float> s0, Vector512<float> s1, ref float to)
    {
        Spread2(s0.GetLower(), s1.GetLower(), ref to);
        Spread2(s0.GetUpper(), s1.GetUpper(), ref Unsafe.Add(ref to, 16));
    }
}
