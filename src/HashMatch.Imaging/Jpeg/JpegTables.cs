using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// The tables of one decode and the window it reads through. Rented and returned, since they are large and made anew
/// for each picture.
/// </summary>
internal sealed class JpegTables : IDisposable
{
    private static readonly ConcurrentBag<JpegTables> Idle = [];

    private readonly int[][] _steps = new int[4][];
    private readonly HuffmanTable[] _dc = [new(), new(), new(), new()];
    private readonly HuffmanTable[] _ac = [new(), new(), new(), new()];
    private readonly ushort[]?[] _firsts = new ushort[3][];
    private readonly (HuffmanTable, int, HuffmanTable, int)[] _firstSources =
        new (HuffmanTable, int, HuffmanTable, int)[3];

    private JpegTables()
    {
    }

    /// <summary>Scratch for an <see cref="EntropyReader"/>; zeroed when returned.</summary>
    public byte[] Window { get; } =
        GC.AllocateUninitializedArray<byte>(EntropyReader.WindowBytes, pinned: true);

    public static JpegTables Rent()
    {
        JpegTables tables = Idle.TryTake(out JpegTables? idle) ? idle : new JpegTables();
        for (int i = 0; i < 4; i++)
        {
            tables._steps[i] = [];
            tables._dc[i].Clear();
            tables._ac[i].Clear();
        }

        return tables;
    }

    /// <summary>The steps of a quantisation table in zigzag order; empty when it is not defined.</summary>
    public int[] Steps(int table) => _steps[table];

    public HuffmanTable Dc(int table) => _dc[table];

    public HuffmanTable Ac(int table) => _ac[table];

    /// <summary>The look-ups for the beginning of a skipped block.</summary>
    /// <param name="component">Which of three places to use.</param>
    /// <param name="dc">A built table.</param>
    /// <param name="ac">A built table.</param>
    public ushort[] Firsts(int component, HuffmanTable dc, HuffmanTable ac)
    {
        ushort[] firsts = _firsts[component] ??= new ushort[1 << HuffmanTable.LookUpBits];
        (HuffmanTable, int, HuffmanTable, int) source = (dc, dc.Version, ac, ac.Version);
        if (_firstSources[component] != source)
        {
            HuffmanTable.ChainFirst(dc, ac, firsts);
            _firstSources[component] = source;
        }

        return firsts;
    }

    /// <summary>Defines the tables of annex K.3 where there are none.</summary>
    public void DefineStandard()
    {
        for (int i = 0; i < 2; i++)
        {
            if (!_dc[i].IsDefined)
            {
                _dc[i].Define(
                    i == 0 ? StandardHuffman.LumaDcCounts : StandardHuffman.ChromaDcCounts, StandardHuffman.DcSymbols);
            }

            if (!_ac[i].IsDefined)
            {
                _ac[i].Define(
                    i == 0 ? StandardHuffman.LumaAcCounts : StandardHuffman.ChromaAcCounts,
                    i == 0 ? StandardHuffman.LumaAcSymbols : StandardHuffman.ChromaAcSymbols);
            }
        }
    }

    /// <summary>Reads the segment behind DHT (ITU T.81, B.2.4.2).</summary>
    public bool TryDefineHuffman(ReadOnlySpan<byte> segment)
    {
        while (segment.Length >= 17)
        {
            ReadOnlySpan<byte> counts = segment.Slice(1, 16);
            int sum = 0;
            foreach (byte count in counts)
            {
                sum += count;
            }

            if (sum > 256 || sum > segment.Length - 17 || segment[0] is > 3 and (< 16 or > 19))
            {
                return false;
            }

            (segment[0] < 16 ? _dc : _ac)[segment[0] & 15].Define(counts, segment.Slice(17, sum));
            segment = segment[(17 + sum)..];
        }

        return segment.IsEmpty;
    }

    /// <summary>Reads the segment behind DQT (ITU T.81, B.2.4.1).</summary>
    public bool TryDefineSteps(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int bytes = segment[0] >> 4 == 0 ? 1 : 2;
            if (segment[0] >> 4 > 1 || (segment[0] & 15) > 3 || segment.Length < 1 + (64 * bytes))
            {
                return false;
            }

            int[] steps = new int[64];
            for (int k = 0; k < 64; k++)
            {
                steps[k] = bytes == 1
                    ? segment[1 + k]
                    : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + (2 * k))..]);
            }

            _steps[segment[0] & 15] = steps;
            segment = segment[(1 + (64 * bytes))..];
        }

        return true;
    }

    public void Dispose()
    {
        Window.AsSpan().Clear();
        bool isOwn = false;
        for (int i = 0; i < 4; i++)
        {
            _steps[i].AsSpan().Clear();
            isOwn |= _dc[i].Forget() | _ac[i].Forget();
        }

        for (int i = 0; i < _firsts.Length && isOwn; i++)
        {
            _firsts[i].AsSpan().Clear();
            _firstSources[i] = default;
        }

        if (Idle.Count < Environment.ProcessorCount)
        {
            Idle.Add(this);
        }
    }
}
