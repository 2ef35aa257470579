using HashMatch.Imaging.Jpeg;

namespace HashMatch.Tests.Imaging;

/// <summary>
/// Writes baseline and extended sequential JPEGs of kinds that libvips does not: any sampling factors, scans of one
/// component, RGB, steps of 16 bits, no Huffman tables. Plain and slow; the tables are those of ITU T.81, annex K.
/// </summary>
internal sealed class JpegWriter
{
    private static readonly int[] ZigzagRows = Zigzag(row: true);
    private static readonly int[] ZigzagColumns = Zigzag(row: false);

    private readonly List<byte> _file = [];
    private int _bits;
    private int _bitCount;

    /// <summary>Sampling factors of the components.</summary>
    public (int H, int V)[] Sampling { get; init; } = [(2, 2), (1, 1), (1, 1)];

    /// <summary>Identifiers of the components.</summary>
    public byte[] Ids { get; init; } = [1, 2, 3];

    /// <summary>APP14's transform; none without.</summary>
    public int? AdobeTransform { get; init; }

    /// <summary>MCUs between restart markers.</summary>
    public int RestartInterval { get; init; }

    /// <summary>One scan for each component.</summary>
    public bool HasScanEach { get; init; }

    /// <summary>The step of each coefficient; over 255 makes a table of 16 bits, and an extended frame.</summary>
    public int Step { get; init; } = 8;

    public bool HasHuffmanTables { get; init; } = true;

    /// <summary>Encodes planes.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Pixels in a column.</param>
    /// <param name="sample">The value of a component at a pixel of the full grid.</param>
    public byte[] Write(int width, int height, Func<int, double, double, double> sample)
    {
        int count = Sampling.Length;
        _file.AddRange([0xFF, 0xD8]);
        if (AdobeTransform is int transform)
        {
            Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)transform]);
        }

        bool isWide = Step > 255;
        byte[] step = isWide ? [(byte)(Step >> 8), (byte)Step] : [(byte)Step];
        Segment(0xDB, [(byte)(isWide ? 0x10 : 0), .. Enumerable.Repeat(step, 64).SelectMany(bytes => bytes)]);
        byte[] frame = [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)count];
        Segment(
            (byte)(isWide ? 0xC1 : 0xC0),
            [.. frame, .. Enumerable.Range(0, count).SelectMany(
                i => new byte[] { Ids[i], (byte)((Sampling[i].H << 4) | Sampling[i].V), 0 })]);
        if (HasHuffmanTables)
        {
            Segment(0xC4, [0, .. StandardHuffman.LumaDcCounts, .. StandardHuffman.DcSymbols]);
            Segment(0xC4, [0x10, .. StandardHuffman.LumaAcCounts, .. StandardHuffman.LumaAcSymbols]);
        }

        if (RestartInterval > 0)
        {
            Segment(0xDD, [(byte)(RestartInterval >> 8), (byte)RestartInterval]);
        }

        if (HasScanEach)
        {
            for (int i = 0; i < count; i++)
            {
                Scan(width, height, [i], sample);
            }
        }
        else
        {
            Scan(width, height, [.. Enumerable.Range(0, count)], sample);
        }

        _file.AddRange([0xFF, 0xD9]);
        return [.. _file];
    }

    private void Scan(int width, int height, int[] components, Func<int, double, double, double> sample)
    {
        Segment(
            0xDA,
            [(byte)components.Length, .. components.SelectMany(i => new byte[] { Ids[i], 0 }), 0, 63, 0]);
        int maxH = Sampling.Max(s => s.H);
        int maxV = Sampling.Max(s => s.V);
        bool isInterleaved = components.Length > 1;
        (int h, int v) = isInterleaved ? (1, 1) : Sampling[components[0]];
        int across = DivideUp(isInterleaved ? width : DivideUp(width * h, maxH), isInterleaved ? 8 * maxH : 8);
        int down = DivideUp(isInterleaved ? height : DivideUp(height * v, maxV), isInterleaved ? 8 * maxV : 8);
        int[] predictions = new int[Sampling.Length];
        for (int mcu = 0; mcu < across * down; mcu++)
        {
            if (RestartInterval > 0 && mcu > 0 && mcu % RestartInterval == 0)
            {
                Flush();
                _file.AddRange([0xFF, (byte)(0xD0 + (((mcu / RestartInterval) - 1) & 7))]);
                predictions.AsSpan().Clear();
            }

            foreach (int i in components)
            {
                (int blocksH, int blocksV) = isInterleaved ? Sampling[i] : (1, 1);
                double scaleX = (double)maxH / Sampling[i].H;
                double scaleY = (double)maxV / Sampling[i].V;
                for (int block = 0; block < blocksH * blocksV; block++)
                {
                    int left = 8 * ((mcu % across * blocksH) + (block % blocksH));
                    int top = 8 * ((mcu / across * blocksV) + (block / blocksH));
                    Block(
                        (x, y) => sample(
                            i,
                            Math.Min((left + x + 0.5) * scaleX, width) - 0.5,
                            Math.Min((top + y + 0.5) * scaleY, height) - 0.5),
                        ref predictions[i]);
                }
            }
        }

        Flush();
    }

    private void Block(Func<int, int, double> sample, ref int prediction)
    {
        double[] values = new double[64];
        for (int i = 0; i < 64; i++)
        {
            values[i] = sample(i % 8, i / 8) - 128;
        }

        int[] quantised = new int[64];
        for (int k = 0; k < 64; k++)
        {
            quantised[k] = (int)Math.Round(Coefficient(values, ZigzagRows[k], ZigzagColumns[k]) / Step);
        }

        Value(StandardHuffman.LumaDcCounts, StandardHuffman.DcSymbols, 0, quantised[0] - prediction);
        prediction = quantised[0];
        int run = 0;
        for (int k = 1; k < 64; k++)
        {
            if (quantised[k] == 0)
            {
                run++;
                continue;
            }

            for (; run > 15; run -= 16)
            {
                Code(StandardHuffman.LumaAcCounts, StandardHuffman.LumaAcSymbols, 0xF0);
            }

            Value(StandardHuffman.LumaAcCounts, StandardHuffman.LumaAcSymbols, run, quantised[k]);
            run = 0;
        }

        if (run > 0)
        {
            Code(StandardHuffman.LumaAcCounts, StandardHuffman.LumaAcSymbols, 0);
        }
    }

    private static double Coefficient(double[] values, int row, int column)
    {
        double sum = 0;
        for (int i = 0; i < 64; i++)
        {
            sum += values[i] * Math.Cos(((2 * (i % 8)) + 1) * column * Math.PI / 16)
                * Math.Cos(((2 * (i / 8)) + 1) * row * Math.PI / 16);
        }

        return sum / 4 * (row == 0 ? Math.Sqrt(0.5) : 1) * (column == 0 ? Math.Sqrt(0.5) : 1);
    }

    private void Value(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, int run, int value)
    {
        int size = 0;
        while (Math.Abs(value) >> size != 0)
        {
            size++;
        }

        Code(counts, symbols, (byte)((run << 4) | size));
        Bits(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private void Code(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, byte symbol)
    {
        int code = 0;
        int next = 0;
        for (int length = 1; length <= 16; length++)
        {
            for (int i = 0; i < counts[length - 1]; i++, next++, code++)
            {
                if (symbols[next] == symbol)
                {
                    Bits(code, length);
                    return;
                }
            }

            code <<= 1;
        }

        throw new InvalidOperationException($"The standard tables have no symbol {symbol}.");
    }

    private void Bits(int value, int count)
    {
        for (int bit = count - 1; bit >= 0; bit--)
        {
            _bits = (_bits << 1) | ((value >> bit) & 1);
            if (++_bitCount == 8)
            {
                _file.Add((byte)_bits);
                if ((byte)_bits == 0xFF)
                {
                    _file.Add(0);
                }

                (_bits, _bitCount) = (0, 0);
            }
        }
    }

    private void Flush()
    {
        while (_bitCount > 0)
        {
            Bits(1, 1);
        }
    }

    private void Segment(byte marker, byte[] body)
    {
        _file.AddRange([0xFF, marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2)]);
        _file.AddRange(body);
    }

    private static int DivideUp(int value, int divisor) => (value + divisor - 1) / divisor;

    // Diagonals in turn, up and down (T.81, figure 5).
    private static int[] Zigzag(bool row) => [.. Enumerable.Range(0, 64)
        .OrderBy(i => (i / 8) + (i % 8))
        .ThenBy(i => ((i / 8) + (i % 8)) % 2 == 0 ? i % 8 : i / 8)
        .Select(i => row ? i / 8 : i % 8)];
}
