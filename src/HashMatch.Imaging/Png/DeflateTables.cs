namespace HashMatch.Imaging.Png;

/// <summary>Deflate's alphabets and the codes of one block (RFC 1951, 3.2.5 to 3.2.7).</summary>
internal sealed class DeflateTables
{
    public const int MaxSymbols = 286;
    public const int MaxDistances = 30;

    public const int SymbolBits = 11;
    public const int DistanceBits = 9;
    public const uint SymbolsMask = (1 << SymbolBits) - 1;
    public const uint DistancesMask = (1 << DistanceBits) - 1;
    public const uint LengthsMask = (1 << LengthBits) - 1;

    private const int FixedSymbolCount = 288;
    private const int FixedDistanceCount = 32;
    private const int LengthBits = 7;
    private const int EndOfBlock = 256;

    private static readonly uint[] SymbolMeanings = MeaningsOfSymbols();
    private static readonly uint[] DistanceMeanings = MeaningsOfDistances();
    private static readonly uint[] LengthMeanings = MeaningsOfLengths();

    private readonly HuffmanTable _lengths = new(LengthBits, 0);

    /// <summary>The order in which the lengths of the code of lengths are written.</summary>
    public static ReadOnlySpan<byte> LengthOrder =>
        [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    public static HuffmanTable FixedSymbols { get; } = MakeFixedSymbols();

    public static HuffmanTable FixedDistances { get; } = MakeFixedDistances();

    /// <summary>Literals, lengths and the end of a block.</summary>
    public HuffmanTable Symbols { get; } = new(SymbolBits, FixedSymbolCount);

    public HuffmanTable Distances { get; } = new(DistanceBits, FixedDistanceCount);

    /// <summary>The code of lengths: symbols in place of bases.</summary>
    public ReadOnlySpan<uint> Lengths => _lengths.Entries;

    /// <summary>Builds the code that the lengths of the others are written in; false where it is none.</summary>
    public bool BuildLengths(ReadOnlySpan<byte> lengths) =>
        _lengths.TryBuild(lengths, LengthMeanings, mayBeIncomplete: false);

    /// <summary>Builds the codes of a block; false where they are none, or no code ends the block.</summary>
    public bool Build(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> distances)
    {
        if (symbols[EndOfBlock] == 0
            || !Symbols.TryBuild(symbols, SymbolMeanings, mayBeIncomplete: true)
            || !Distances.TryBuild(distances, DistanceMeanings, mayBeIncomplete: true))
        {
            return false;
        }

        Symbols.PackLiterals(symbols[..EndOfBlock]);
        return true;
    }

    private static HuffmanTable MakeFixedSymbols()
    {
        Span<byte> lengths = stackalloc byte[FixedSymbolCount];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        var table = new HuffmanTable(SymbolBits, FixedSymbolCount);
        table.TryBuild(lengths, MeaningsOfSymbols(), mayBeIncomplete: false);
        table.PackLiterals(lengths[..EndOfBlock]);
        return table;
    }

    private static HuffmanTable MakeFixedDistances()
    {
        Span<byte> lengths = stackalloc byte[FixedDistanceCount];
        lengths.Fill(5);
        var table = new HuffmanTable(DistanceBits, FixedDistanceCount);
        table.TryBuild(lengths, MeaningsOfDistances(), mayBeIncomplete: false);
        return table;
    }

    private static uint[] MeaningsOfSymbols()
    {
        uint[] meanings = new uint[FixedSymbolCount];
        for (uint literal = 0; literal < EndOfBlock; literal++)
        {
            meanings[literal] = (literal << 8) | (1 << HuffmanTable.LiteralsShift);
        }

        meanings[EndOfBlock] = HuffmanTable.EndOfBlock;

        // 257 to 284 in groups of four that share their extra bits, from 3 on; 285 is 258; the last two are no lengths.
        uint length = 3;
        for (int symbol = EndOfBlock + 1; symbol < 285; symbol++)
        {
            int extra = Math.Max(0, (symbol - 261) / 4);
            meanings[symbol] = Value(length, extra);
            length += 1u << extra;
        }

        meanings[285] = Value(258, 0);
        return meanings;
    }

    private static uint[] MeaningsOfDistances()
    {
        // In groups of two that share their extra bits, from 1 on; the last two are no distances.
        uint[] meanings = new uint[FixedDistanceCount];
        uint distance = 1;
        for (int symbol = 0; symbol < MaxDistances; symbol++)
        {
            int extra = Math.Max(0, (symbol - 2) / 2);
            meanings[symbol] = Value(distance, extra);
            distance += 1u << extra;
        }

        return meanings;
    }

    private static uint[] MeaningsOfLengths()
    {
        uint[] meanings = new uint[LengthOrder.Length];
        for (int symbol = 0; symbol < meanings.Length; symbol++)
        {
            meanings[symbol] = Value((uint)symbol, symbol switch { 16 => 2, 17 => 3, 18 => 7, _ => 0 });
        }

        return meanings;
    }

    private static uint Value(uint from, int extraBits) =>
        (from << HuffmanTable.BaseShift) | ((uint)extraBits << HuffmanTable.ExtraShift) | HuffmanTable.Copy;
}
