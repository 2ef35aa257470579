namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// A Huffman table (ITU T.81, annex C) as look-up tables over the next <see cref="LookUpBits"/> bits, so that most
/// symbols come with their value bits in one step. Reused from picture to picture.
/// </summary>
internal sealed class HuffmanTable
{
    /// <summary>Bits that index the look-up tables: as many as leave those of one scan in a processor's first cache.
    /// </summary>
    public const int LookUpBits = 11;

    /// <summary>Bits of an entry that say how many bits it covers, code and value: at most the index's.</summary>
    public const int LengthMask = 31;

    /// <summary>
    /// An entry that does not hold its symbol and value, which are longer than the index or mean runs of blocks; it
    /// covers no bits, and its advance is <see cref="Unresolved"/>.
    /// </summary>
    public const int Special = 64;

    /// <summary>The advance of the symbol that ends a block; more than any sum of others within one.</summary>
    public const int EndOfBlock = 128;

    /// <summary>The advance of an entry that resolves nothing.</summary>
    public const int Unresolved = 255;

    private const int Entries = 1 << LookUpBits;

    // Under 64, so that a word can be shifted by them; all symbols of 8-bit samples fit.
    private const int MaxSkipBits = 31;

    private readonly byte[] _symbols = new byte[256];
    private readonly int[] _codeEnds = new int[17];
    private readonly int[] _offsets = new int[17];
    private readonly byte[] _counts = new byte[16];
    private int _symbolCount;
    private int[]? _values;
    private ushort[]? _steps;
    private byte[]? _codeBits;
    private ushort[]? _skips;
    private bool _isDc;
    private bool _isBuilt;
    private bool _hasSkips;

    /// <summary>Whether there is a table.</summary>
    public bool IsDefined { get; private set; }

    /// <summary>
    /// Of each index: bits covered (<see cref="LengthMask"/>), from bit 8 the coefficients that a symbol advances by or
    /// <see cref="EndOfBlock"/>, from bit 16 the value; or <see cref="Special"/>.
    /// </summary>
    public int[] Values => _values!;

    /// <summary>
    /// Of each index, for blocks whose values nobody wants: as many AC symbols as can be told, bits covered in the low
    /// byte, the sum of advances in the high one (<see cref="EndOfBlock"/> added for the last, or
    /// <see cref="Unresolved"/>).
    /// </summary>
    public ushort[] Skips
    {
        get
        {
            if (!_hasSkips)
            {
                _skips ??= new ushort[Entries];
                Chain(_skips, _steps!, _codeBits!);
                _hasSkips = true;
            }

            return _skips!;
        }
    }

    /// <summary>Changes with each definition that is not the last one again.</summary>
    public int Version { get; private set; }

    /// <summary>
    /// Zeroes a definition that a file brought along, and what was made of it; those of annex K are everybody's.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public bool Forget()
    {
        if (_symbolCount == 0 || StandardHuffman.Is(_counts, _symbols.AsSpan(0, _symbolCount)))
        {
            return false;
        }

        Version++;
        (_symbolCount, IsDefined, _isBuilt, _hasSkips) = (0, false, false, false);
        Array.Clear(_symbols);
        Array.Clear(_counts);
        Array.Clear(_codeEnds);
        Array.Clear(_offsets);
        _values.AsSpan().Clear();
        _steps.AsSpan().Clear();
        _codeBits.AsSpan().Clear();
        _skips.AsSpan().Clear();
        return true;
    }

    /// <summary>Takes the definition away, until it comes again.</summary>
    public void Clear() => IsDefined = false;

    /// <summary>Takes a definition, which is looked at by <see cref="Build"/>.</summary>
    /// <param name="counts">Codes by length, from 1 to 16 bits.</param>
    /// <param name="symbols">As many as the counts say, at most 256.</param>
    public void Define(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        // Most files have the tables of the file before: those of annex K.
        if (counts.SequenceEqual(_counts) && symbols.SequenceEqual(_symbols.AsSpan(0, _symbolCount)))
        {
            IsDefined = true;
            return;
        }

        Version++;
        _symbolCount = symbols.Length;
        counts.CopyTo(_counts);
        _symbols.AsSpan().Clear();
        symbols.CopyTo(_symbols);
        IsDefined = true;
        _isBuilt = false;
        _hasSkips = false;
    }

    /// <summary>Makes the look-up tables, unless they are there.</summary>
    /// <param name="isDc">Whether symbols are sizes alone; the same for each definition.</param>
    /// <returns>False when there is no definition, it is of no prefix code, or a DC symbol is no size.</returns>
    public bool Build(bool isDc)
    {
        if (_isBuilt || !IsDefined)
        {
            return _isBuilt && IsDefined;
        }

        _isDc = isDc;
        _values ??= new int[Entries];
        _steps ??= new ushort[Entries];
        _codeBits ??= new byte[Entries];
        _values.AsSpan().Fill(Special | (Unresolved << 8));
        _steps.AsSpan().Fill(Unresolved << 8);
        _codeBits.AsSpan().Fill(byte.MaxValue);
        int code = 0;
        int symbol = 0;
        for (int bits = 1; bits <= 16; bits++)
        {
            _offsets[bits] = symbol - code;
            for (int i = 0; i < _counts[bits - 1]; i++)
            {
                if (code >= 1 << bits || (isDc && _symbols[symbol] > 15))
                {
                    return false;
                }

                if (bits <= LookUpBits)
                {
                    Fill(code << (LookUpBits - bits), bits, _symbols[symbol]);
                }

                code++;
                symbol++;
            }

            _codeEnds[bits] = code;
            code <<= 1;
        }

        _isBuilt = true;
        return true;
    }

    /// <summary>The symbol whose code begins a word, bit by bit.</summary>
    /// <returns>The code's bits shifted left by 8, and the symbol; -1 when there is no such code.</returns>
    public int Decode(ulong word)
    {
        for (int bits = 1; bits <= 16; bits++)
        {
            int code = (int)(word >> (64 - bits));
            if (code < _codeEnds[bits] && code + _offsets[bits] >= 0)
            {
                return (bits << 8) | _symbols[code + _offsets[bits]];
            }
        }

        return -1;
    }

    /// <summary>
    /// An entry like those of <see cref="Values"/> for the symbol that begins a word, however long it is. A size of
    /// zero ends the block whatever its run, but for the run of sixteen zeros.
    /// </summary>
    /// <param name="word">At least 31 bits.</param>
    /// <param name="isDc">Whether symbols are sizes alone.</param>
    /// <returns>0 when there is no such code.</returns>
    public int Resolve(ulong word, bool isDc)
    {
        int index = (int)(word >> (64 - LookUpBits));
        int step = _steps![index];
        if (step != Unresolved << 8)
        {
            int known = _codeBits![index];
            int bits = step & 0xFF;
            return (ValueOf(word, known, bits - known) << 16) | step;
        }

        int symbol = Decode(word);
        if (symbol < 0)
        {
            return 0;
        }

        int codeBits = symbol >> 8;
        int size = isDc ? symbol & 0xFF : symbol & 15;
        int run = isDc ? 0 : (symbol & 0xFF) >> 4;
        int advance = !isDc && size == 0 && run != 15 ? EndOfBlock : run + 1;
        return (ValueOf(word, codeBits, size) << 16) | (advance << 8) | (codeBits + size);
    }

    /// <summary>
    /// Fills a table like <see cref="Skips"/> for the beginning of a block: a DC symbol and the AC symbols behind it.
    /// </summary>
    public static void ChainFirst(HuffmanTable dc, HuffmanTable ac, ushort[] firsts)
    {
        ReadOnlySpan<ushort> skips = ac.Skips;
        ReadOnlySpan<byte> codeBits = ac._codeBits;
        ReadOnlySpan<ushort> steps = ac._steps;
        for (int i = 0; i < Entries; i++)
        {
            int bits = dc._steps![i] & 0xFF;
            firsts[i] = bits == 0
                ? (ushort)(Unresolved << 8)
                : Extend(i, bits, 0, steps, codeBits);
        }
    }

    /// <summary>
    /// Fills a table of a <see cref="ScanMachine"/>: as many symbols from this table's on as can be told.
    /// </summary>
    /// <param name="wanted">
    /// The sum of advances at which a value is wanted; <see cref="ScanMachine.First"/> for the first symbol's.
    /// </param>
    /// <param name="chain">The table of the symbols behind it; null when it stands alone.</param>
    /// <param name="entries">One for each index; a power of two.</param>
    public void Pack(int wanted, HuffmanTable? chain, Span<uint> entries)
    {
        int indexBits = int.Log2(entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            uint index = (uint)i << (32 - indexBits);
            HuffmanTable table = this;
            int advance = 0;
            int value = 0;
            int bits = 0;
            do
            {
                int at = (int)((index << bits) >> (32 - LookUpBits));
                int step = table._steps![at];
                int codeBits = table._codeBits![at];
                int end = bits + (step & 0xFF);
                int sum = advance + (step >> 8);
                if (codeBits > indexBits - bits || end > ScanMachine.MaxStepBits
                    || sum is > 64 and < EndOfBlock or >= EndOfBlock + 64)
                {
                    break;
                }

                if (sum == wanted || wanted == ScanMachine.First)
                {
                    if (end > indexBits)
                    {
                        // One whose value is cut off stands alone.
                        if (bits == 0)
                        {
                            advance = ScanMachine.LongValue + sum;
                            value = codeBits;
                            bits = end;
                        }

                        break;
                    }

                    value = ValueOf((ulong)(index << bits) << 32, codeBits, end - bits - codeBits);
                }

                advance = sum;
                bits = end;
                table = chain!;
            }
            while (chain is not null && advance < EndOfBlock && bits < indexBits);
            entries[i] = bits == 0 ? ScanMachine.Entry(Unresolved, 0, 0) : ScanMachine.Entry(advance, value, bits);
        }
    }

    private static void Chain(Span<ushort> skips, ReadOnlySpan<ushort> steps, ReadOnlySpan<byte> codeBits)
    {
        for (int i = 0; i < Entries; i++)
        {
            int bits = steps[i] & 0xFF;
            int advance = steps[i] >> 8;
            skips[i] = advance >= EndOfBlock ? steps[i] : Extend(i, bits, advance, steps, codeBits);
        }
    }

    private static ushort Extend(
        int index, int bits, int advance, ReadOnlySpan<ushort> steps, ReadOnlySpan<byte> codeBits)
    {
        while (bits < LookUpBits)
        {
            int next = (index << bits) & (Entries - 1);
            int step = steps[next];
            int nextBits = step & 0xFF;
            int nextAdvance = step >> 8;
            if (codeBits[next] > LookUpBits - bits || bits + nextBits > MaxSkipBits || nextAdvance == Unresolved
                || advance + (nextAdvance & (EndOfBlock - 1)) + (nextAdvance >> 7) > 63)
            {
                break;
            }

            bits += nextBits;
            advance += nextAdvance;
            if (nextAdvance == EndOfBlock)
            {
                break;
            }
        }

        return (ushort)((advance << 8) | bits);
    }

    private void Fill(int first, int codeBits, byte symbol)
    {
        int count = 1 << (LookUpBits - codeBits);
        int size = _isDc ? symbol : symbol & 15;
        int run = _isDc ? 0 : symbol >> 4;
        if (size == 0 && !_isDc && run is not (0 or 15))
        {
            return;
        }

        int advance = size == 0 && run == 0 && !_isDc ? EndOfBlock : run + 1;
        int bits = codeBits + size;
        _codeBits.AsSpan(first, count).Fill((byte)codeBits);
        if (bits <= MaxSkipBits)
        {
            _steps.AsSpan(first, count).Fill((ushort)((advance << 8) | bits));
        }

        if (bits > LookUpBits)
        {
            return;
        }

        int entry = (advance << 8) | bits;
        int each = count >> size;
        for (int i = 0; i < 1 << size; i++)
        {
            _values.AsSpan(first + (i * each), each).Fill(entry | (Extend(i, size) << 16));
        }
    }

    private static int ValueOf(ulong word, int codeBits, int size) =>
        size == 0 ? 0 : Extend((int)(word << codeBits >> (64 - size)), size);

    /// <summary>The value that so many bits stand for (ITU T.81, F.2.2.1).</summary>
    public static int Extend(int bits, int size) =>
        size == 0 ? 0 : bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}
