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
    private static void Full128(Span<int> coefficients, Span<float> rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            Span<int> batch = coefficients[lane..];
            for (int column = 0; column < 8; column++)
            {
                Inverse8(
                    batch[(column * Lanes)..], 8 * Lanes, ColumnShift, out Vector128<int> s0, out Vector128<int> s1,
                    out Vector128<int> s2, out Vector128<int> s3, out Vector128<int> s4,
                    out Vector128<int> s5, out Vector128<int> s6, out Vector128<int> s7);
                Span<int> to = batch[(column * Lanes)..];
                Store(s0, to, 0);
                Store(s1, to, 8 * Lanes);
                Store(s2, to, 16 * Lanes);
                Store(s3, to, 24 * Lanes);
                Store(s4, to, 32 * Lanes);
                Store(s5, to, 40 * Lanes);
                Store(s6, to, 48 * Lanes);
                Store(s7, to, 56 * Lanes);
            }

            for (int row = 0; row < 8; row++)
            {
                Inverse8(
                    batch[(row * 8 * Lanes)..], Lanes, RowShift, out Vector128<int> s0, out Vector128<int> s1,
                    out Vector128<int> s2, out Vector128<int> s3, out Vector128<int> s4,
                    out Vector128<int> s5, out Vector128<int> s6, out Vector128<int> s7);
                Span<float> to = rows[((row * stride) + (8 * lane))..];
                Spread8(
                    Sample(s0), Sample(s1), Sample(s2), Sample(s3), Sample(s4), Sample(s5), Sample(s6), Sample(s7), to);
            }
        }
    }

    private static void Half128(Span<int> coefficients, Span<float> rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            Span<int> batch = coefficients[lane..];
            for (int column = 0; column < 4; column++)
            {
                Span<int> at = batch[(column * Lanes)..];
                Inverse4(
                    Scaled128(at, 0, HalfScales[column]), Scaled128(at, 4 * Lanes, HalfScales[4 + column]),
                    Scaled128(at, 8 * Lanes, HalfScales[8 + column]),
                    Scaled128(at, 12 * Lanes, HalfScales[12 + column]), out Vector128<float> s0,
                    out Vector128<float> s1, out Vector128<float> s2, out Vector128<float> s3);
                Store(s0.AsInt32(), at, 0);
                Store(s1.AsInt32(), at, 4 * Lanes);
                Store(s2.AsInt32(), at, 8 * Lanes);
                Store(s3.AsInt32(), at, 12 * Lanes);
            }

            for (int row = 0; row < 4; row++)
            {
                Span<int> at = batch[(row * 4 * Lanes)..];
                Inverse4(
                    Load128(at, 0).AsSingle(), Load128(at, Lanes).AsSingle(), Load128(at, 2 * Lanes).AsSingle(),
                    Load128(at, 3 * Lanes).AsSingle(), out Vector128<float> s0, out Vector128<float> s1,
                    out Vector128<float> s2, out Vector128<float> s3);
                Spread4(Level(s0), Level(s1), Level(s2), Level(s3), rows[((row * stride) + (4 * lane))..]);
            }
        }
    }

    private static void Quarter128(Span<int> coefficients, Span<float> rows, int stride)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            Span<int> batch = coefficients[lane..];
            Vector128<float> mean = Scaled128(batch, 0, QuarterScales[0]);
            Vector128<float> across = Scaled128(batch, Lanes, QuarterScales[1]);
            Vector128<float> down = Scaled128(batch, 2 * Lanes, QuarterScales[2]);
            Vector128<float> both = Scaled128(batch, 3 * Lanes, QuarterScales[3]);
            Vector128<float> left = mean + down;
            Vector128<float> right = across + both;
            Spread2(Level(left + right), Level(left - right), rows[(2 * lane)..]);
            left = mean - down;
            right = across - both;
            Spread2(Level(left + right), Level(left - right), rows[(stride + (2 * lane))..]);
        }
    }

    private static void Eighth128(Span<int> coefficients, Span<float> rows)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        for (int lane = 0; lane < Lanes; lane += Vector128<int>.Count)
        {
            Store(Level(Scaled128(coefficients[lane..], 0, EighthScale)).AsInt32(), Bits(rows), lane);
        }
    }

    /// <summary>libjpeg's accurate inverse DCT of eight; 32 bits hold it for all coefficients of 8-bit samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inverse8(
        ReadOnlySpan<int> from,
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
        Vector128<int> x2 = Load128(from, 2 * step);
        Vector128<int> x6 = Load128(from, 6 * step);
        Vector128<int> z1 = (x2 + x6) * C0541;
        Vector128<int> even2 = z1 - (x6 * C1847);
        Vector128<int> even3 = z1 + (x2 * C0765);
        Vector128<int> x0 = Load128(from, 0);
        Vector128<int> x4 = Load128(from, 4 * step);
        Vector128<int> even0 = ((x0 + x4) << ConstantBits) + round;
        Vector128<int> even1 = ((x0 - x4) << ConstantBits) + round;
        Vector128<int> y0 = even0 + even3;
        Vector128<int> y3 = even0 - even3;
        Vector128<int> y1 = even1 + even2;
        Vector128<int> y2 = even1 - even2;
        Vector128<int> odd0 = Load128(from, 7 * step);
        Vector128<int> odd1 = Load128(from, 5 * step);
        Vector128<int> odd2 = Load128(from, 3 * step);
        Vector128<int> odd3 = Load128(from, step);
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
    private static Vector128<float> Level(Vector128<float> value) => Vector128.Min(
        Vector128.Max(value + Vector128.Create((float)Middle), Vector128<float>.Zero),
        Vector128.Create((float)Top));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scaled128(ReadOnlySpan<int> from, int at, float scale) =>
        Vector128.ConvertToSingle(Load128(from, at)) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Load128(ReadOnlySpan<int> from, int at) => Vector128.Create(from[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> value, Span<int> to, int at) => value.CopyTo(to[at..]);

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
        Span<float> to)
    {
        Transpose(ref s0, ref s1, ref s2, ref s3);
        Transpose(ref s4, ref s5, ref s6, ref s7);
        s0.CopyTo(to);
        s4.CopyTo(to[4..]);
        s1.CopyTo(to[8..]);
        s5.CopyTo(to[12..]);
        s2.CopyTo(to[16..]);
        s6.CopyTo(to[20..]);
        s3.CopyTo(to[24..]);
        s7.CopyTo(to[28..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread4(
        Vector128<float> s0, Vector128<float> s1, Vector128<float> s2, Vector128<float> s3, Span<float> to)
    {
        Transpose(ref s0, ref s1, ref s2, ref s3);
        s0.CopyTo(to);
        s1.CopyTo(to[4..]);
        s2.CopyTo(to[8..]);
        s3.CopyTo(to[12..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread2(Vector128<float> s0, Vector128<float> s1, Span<float> to)
    {
        ZipLow(s0, s1).CopyTo(to);
        ZipHigh(s0, s1).CopyTo(to[4..]);
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
