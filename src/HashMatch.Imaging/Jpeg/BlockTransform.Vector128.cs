using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Jpeg;

/// <content>Four blocks at a time.</content>
internal static partial class BlockTransform
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Full128(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            for (int column = 0; column < 8; column++)
            {
                Inverse8(
                    ref Unsafe.Add(ref batch, column * Lanes), 8 * Lanes, ColumnShift, out Vector128<int> s0,
                    out Vector128<int> s1, out Vector128<int> s2, out Vector128<int> s3, out Vector128<int> s4,
                    out Vector128<int> s5, out Vector128<int> s6, out Vector128<int> s7);
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
                    ref Unsafe.Add(ref batch, row * 8 * Lanes), Lanes, RowShift, out Vector128<int> s0,
                    out Vector128<int> s1, out Vector128<int> s2, out Vector128<int> s3, out Vector128<int> s4,
                    out Vector128<int> s5, out Vector128<int> s6, out Vector128<int> s7);
                ref float to = ref Unsafe.Add(ref rows, (row * stride) + (8 * lane));
                Spread8(
                    Sample(s0), Sample(s1), Sample(s2), Sample(s3), Sample(s4), Sample(s5), Sample(s6), Sample(s7),
                    ref to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Half128(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            for (int column = 0; column < 4; column++)
            {
                ref int at = ref Unsafe.Add(ref batch, column * Lanes);
                Inverse4(
                    Scaled128(ref at, 0, HalfScales[column]), Scaled128(ref at, 4 * Lanes, HalfScales[4 + column]),
                    Scaled128(ref at, 8 * Lanes, HalfScales[8 + column]),
                    Scaled128(ref at, 12 * Lanes, HalfScales[12 + column]), out Vector128<float> s0,
                    out Vector128<float> s1, out Vector128<float> s2, out Vector128<float> s3);
                Store(s0.AsInt32(), ref at, 0);
                Store(s1.AsInt32(), ref at, 4 * Lanes);
                Store(s2.AsInt32(), ref at, 8 * Lanes);
                Store(s3.AsInt32(), ref at, 12 * Lanes);
            }

            for (int row = 0; row < 4; row++)
            {
                ref int at = ref Unsafe.Add(ref batch, row * 4 * Lanes);
                Inverse4(
                    Load128(ref at, 0).AsSingle(), Load128(ref at, Lanes).AsSingle(),
                    Load128(ref at, 2 * Lanes).AsSingle(), Load128(ref at, 3 * Lanes).AsSingle(),
                    out Vector128<float> s0, out Vector128<float> s1, out Vector128<float> s2,
                    out Vector128<float> s3);
                Spread4(
                    Level(s0), Level(s1), Level(s2), Level(s3), ref Unsafe.Add(ref rows, (row * stride) + (4 * lane)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Quarter128(ref int coefficients, ref float rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            ref int batch = ref Unsafe.Add(ref coefficients, lane);
            Vector128<float> mean = Scaled128(ref batch, 0, QuarterScales[0]);
            Vector128<float> across = Scaled128(ref batch, Lanes, QuarterScales[1]);
            Vector128<float> down = Scaled128(ref batch, 2 * Lanes, QuarterScales[2]);
            Vector128<float> both = Scaled128(ref batch, 3 * Lanes, QuarterScales[3]);
            Vector128<float> left = mean + down;
            Vector128<float> right = across + both;
            Spread2(Level(left + right), Level(left - right), ref Unsafe.Add(ref rows, 2 * lane));
            left = mean - down;
            right = across - both;
            Spread2(Level(left + right), Level(left - right), ref Unsafe.Add(ref rows, stride + (2 * lane)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Eighth128(ref int coefficients, ref float rows)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            Level(Scaled128(ref coefficients, lane, EighthScale)).StoreUnsafe(ref rows, (nuint)lane);
        }
    }

    /// <summary>libjpeg's accurate inverse DCT of eight; 32 bits hold it for coefficients of 8-bit samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse8(
        ref int from,
        int step,
        int shift,
        out Vector128<int> s0,
        out Vector128<int> s1,
        out Vector128<int> s2,
        out Vector128<int> s3,
        out Vector128<int> s4,
        out Vector128<int> s5,
        out Vector128<int> s6,
        out Vector128<int> s7)
    {
        Vector128<int> round = Vector128.Create(1 << (shift - 1));
        Vector128<int> x2 = Load128(ref from, 2 * step);
        Vector128<int> x6 = Load128(ref from, 6 * step);
        Vector128<int> z1 = (x2 + x6) * C0541;
        Vector128<int> even2 = z1 - (x6 * C1847);
        Vector128<int> even3 = z1 + (x2 * C0765);
        Vector128<int> x0 = Load128(ref from, 0);
        Vector128<int> x4 = Load128(ref from, 4 * step);
        Vector128<int> even0 = ((x0 + x4) << ConstantBits) + round;
        Vector128<int> even1 = ((x0 - x4) << ConstantBits) + round;
        Vector128<int> y0 = even0 + even3;
        Vector128<int> y3 = even0 - even3;
        Vector128<int> y1 = even1 + even2;
        Vector128<int> y2 = even1 - even2;
        Vector128<int> odd0 = Load128(ref from, 7 * step);
        Vector128<int> odd1 = Load128(ref from, 5 * step);
        Vector128<int> odd2 = Load128(ref from, 3 * step);
        Vector128<int> odd3 = Load128(ref from, step);
        Vector128<int> z3 = odd0 + odd2;
        Vector128<int> z4 = odd1 + odd3;
        Vector128<int> z5 = (z3 + z4) * C1175;
        z1 = (odd0 + odd3) * C0899;
        Vector128<int> z2 = (odd1 + odd2) * C2562;
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
        Vector128<float> x0,
        Vector128<float> x1,
        Vector128<float> x2,
        Vector128<float> x3,
        out Vector128<float> s0,
        out Vector128<float> s1,
        out Vector128<float> s2,
        out Vector128<float> s3)
    {
        Vector128<float> even0 = x0 + x2;
        Vector128<float> even1 = x0 - x2;
        Vector128<float> odd0 = (x1 * Cos1) + (x3 * Cos3);
        Vector128<float> odd1 = (x1 * Cos3) - (x3 * Cos1);
        s0 = even0 + odd0;
        s1 = even1 + odd1;
        s2 = even1 - odd1;
        s3 = even0 - odd0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sample(Vector128<int> value) => Vector128.ConvertToSingle(
        Vector128.Min(
            Vector128.Max(value + Vector128.Create(Middle), Vector128<int>.Zero), Vector128.Create(Top)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Level(Vector128<float> value) => Vector128.MinNative(
        Vector128.MaxNative(value + Vector128.Create((float)Middle), Vector128<float>.Zero),
        Vector128.Create((float)Top));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scaled128(ref int from, int at, float scale) =>
        Vector128.ConvertToSingle(Load128(ref from, at)) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Load128(ref int from, int at) =>
        Vector128.LoadUnsafe(ref from, (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> value, ref int to, int at) =>
        value.StoreUnsafe(ref to, (nuint)at);

    /// <summary>Eight samples of each of four blocks, block after block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread8(
        Vector128<float> s0,
        Vector128<float> s1,
        Vector128<float> s2,
        Vector128<float> s3,
        Vector128<float> s4,
        Vector128<float> s5,
        Vector128<float> s6,
        Vector128<float> s7,
        ref float to)
    {
        Transpose(ref s0, ref s1, ref s2, ref s3);
        Transpose(ref s4, ref s5, ref s6, ref s7);
        s0.StoreUnsafe(ref to);
        s4.StoreUnsafe(ref to, 4);
        s1.StoreUnsafe(ref to, 8);
        s5.StoreUnsafe(ref to, 12);
        s2.StoreUnsafe(ref to, 16);
        s6.StoreUnsafe(ref to, 20);
        s3.StoreUnsafe(ref to, 24);
        s7.StoreUnsafe(ref to, 28);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread4(
        Vector128<float> s0, Vector128<float> s1, Vector128<float> s2, Vector128<float> s3, ref float to)
    {
        Transpose(ref s0, ref s1, ref s2, ref s3);
        s0.StoreUnsafe(ref to);
        s1.StoreUnsafe(ref to, 4);
        s2.StoreUnsafe(ref to, 8);
        s3.StoreUnsafe(ref to, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread2(Vector128<float> s0, Vector128<float> s1, ref float to)
    {
        ZipLow(s0, s1).StoreUnsafe(ref to);
        ZipHigh(s0, s1).StoreUnsafe(ref to, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector128<float> s0, ref Vector128<float> s1, ref Vector128<float> s2, ref Vector128<float> s3)
    {
        Vector128<float> a = ZipLow(s0, s2);
        Vector128<float> b = ZipHigh(s0, s2);
        Vector128<float> c = ZipLow(s1, s3);
        Vector128<float> d = ZipHigh(s1, s3);
        s0 = ZipLow(a, c);
        s1 = ZipHigh(a, c);
        s2 = ZipLow(b, d);
        s3 = ZipHigh(b, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
