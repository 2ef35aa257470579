using System.Runtime.InteropServices;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// A sequential scan's Huffman codes as one state machine, so that a loop without branches can follow it: a state is
/// the block of the MCU and the coefficient that comes next. An entry of the state's table, found by the next bits,
/// says how far to go; what the state is then, and where the value goes, is looked up by the sum of both.
/// </summary>
internal sealed class ScanMachine : IDisposable
{
    /// <summary>
    /// What the advance of an entry is more by when its value's bits are not all in the index; the entry has the code's
    /// length in its value's place. No sum of advances is as much without being 128 or more.
    /// </summary>
    public const int LongValue = 65;

    /// <summary>The most that a symbol advances by and does not end its block.</summary>
    public const int MaxAdvance = 16;

    /// <summary>Bits that a step covers at the most.</summary>
    public const int MaxStepBits = 31;

    /// <summary>Every first symbol's value is wanted.</summary>
    public const int First = -1;

    /// <summary>Windows in the memory.</summary>
    public const int Windows = 2;

    // What was fastest: all tables of a scan fit into a processor's first cache.
    private const int DcBits = 10;
    private const int ValueBits = 10;
    private const int SkipBits = HuffmanTable.LookUpBits;
    private const int UnwantedBits = 10;
    private const int TableRoom = (1 << HuffmanTable.LookUpBits) + 64;

    // The last coefficient, and the largest advance.
    private const int RowLength = 63 + HuffmanTable.Unresolved + 1;
    private const int MaxLastRows = 2;
    private const long Nowhere = long.MinValue;

    private readonly ScanComponent[] _components;
    private readonly Reduction _reduction;
    private readonly int[] _componentOf;
    private readonly int[] _wantedBefore;
    private readonly int[,] _tables;
    private readonly int _lastRows;
    private readonly int _rows;
    private readonly int _windowsAt;
    private readonly long[] _memory;
    private int _used;

    /// <param name="components">In the order of the MCU; one of them is wanted. 10 blocks at the most.</param>
    /// <param name="reduction">Says what is kept of it.</param>
    public ScanMachine(ScanComponent[] components, Reduction reduction)
    {
        _components = components;
        _reduction = reduction;
        _componentOf = [.. components.SelectMany((c, i) => Enumerable.Repeat(i, c.H * c.V))];
        _wantedBefore = new int[_componentOf.Length + 1];
        for (int block = 0; block < _componentOf.Length; block++)
        {
            _wantedBefore[block + 1] = _wantedBefore[block] + (IsWanted(block) ? 1 : 0);
        }

        _lastRows = LastRowsOf(reduction);
        _rows = 2 + _lastRows;
        int states = _rows * RowLength * _componentOf.Length;
        int tables = 2 + MaxLastRows + (2 * components.Length);
        _used = 2 * states;
        _windowsAt = states + (TableRoom * tables / 2);
        _memory = ScrubbedArrays<long>.Rent(_windowsAt + (Windows * EntropyReader.WindowBytes / sizeof(long)));
        _tables = new int[components.Length, 3 + MaxLastRows];
        for (int i = 0; i < components.Length; i++)
        {
            FillTables(i);
        }

        for (int block = 0; block < _componentOf.Length; block++)
        {
            for (int row = 0; row < _rows; row++)
            {
                FillRow(block, row);
            }
        }
    }

    /// <summary>Kept coefficients of a block.</summary>
    public int Count => _reduction.Count;

    /// <summary>Wanted blocks of an MCU.</summary>
    public int WantedBlocks => _wantedBefore[^1];

    /// <summary>The state at the start of an MCU.</summary>
    public long Start => StartOf(0);

    /// <summary>
    /// All that the loop needs, so that one register says where it is. First the states, by the sum of the last one's
    /// number and an advance. A state, from the lowest bit: where its table begins (16; the lowest 6 are also how far a
    /// word is shifted for its index), its number (16), where the value goes that led to it (16), kept coefficients of
    /// the block that it leaves behind (15). Negative where the sum cannot be, or not without another look. Then the
    /// tables, two entries in each place; then the windows.
    /// </summary>
    public long[] Memory => _memory;

    /// <summary>The memory as a table's entries: bits covered (8), value (16), advance (8).</summary>
    public Span<uint> Entries => MemoryMarshal.Cast<long, uint>(_memory.AsSpan());

    /// <summary>The first bit of a window, counted from the memory's.</summary>
    public int WindowBit(int window) => 8 * ((_windowsAt * sizeof(long)) + (window * EntropyReader.WindowBytes));

    /// <summary>Scratch for an <see cref="EntropyReader"/>.</summary>
    public Span<byte> Window(int window) => MemoryMarshal.AsBytes(_memory.AsSpan(_windowsAt)).Slice(
        window * EntropyReader.WindowBytes, EntropyReader.WindowBytes);

    public static uint Entry(int advance, int value, int bits) =>
        ((uint)advance << 24) | ((uint)(ushort)value << 8) | (uint)bits;

    /// <summary>Where a state's table begins among the entries.</summary>
    public static int TableOf(long state) => (ushort)state;

    /// <summary>The number of a state; sums with any advance lie within the states.</summary>
    public static int NumberOf(long state) => (int)((uint)state >> 16);

    /// <summary>Where the value goes that led to a state, from the block's first coefficient: one behind it at most.
    /// </summary>
    public static int PlaceOf(long state) => (ushort)(state >> 32);

    /// <summary>Kept coefficients of the block that a state leaves behind; 0 within one.</summary>
    public static int DoneOf(long state) => (int)(state >> 48);

    /// <summary>The block of the MCU that a state is in.</summary>
    public int BlockOf(long state) => NumberOf(state) / (_rows * RowLength);

    /// <summary>Whether a state is at the first bit of a block.</summary>
    public bool IsStart(long state) => NumberOf(state) % (_rows * RowLength) == 0;

    /// <summary>Wanted blocks of an MCU before a block.</summary>
    public int WantedBefore(int block) => _wantedBefore[block];

    /// <summary>Reads one symbol, however long.</summary>
    /// <param name="state">Where.</param>
    /// <param name="word">At least 31 bits.</param>
    /// <param name="entry">Gets its bits and value.</param>
    /// <returns>The next state; negative when there is no such code, or there are too many coefficients.</returns>
    public long Resolve(long state, ulong word, out uint entry)
    {
        int number = NumberOf(state);
        ScanComponent component = _components[_componentOf[BlockOf(state)]];
        int symbol = IsStart(state)
            ? component.Dc.Resolve(word, isDc: true)
            : component.Ac.Resolve(word, isDc: false);
        int advance = (symbol >> 8) & 0xFF;

        // Before the last kept coefficient every value goes to its place.
        bool isKept = (number % RowLength) + advance <= _reduction.Last + 1;
        entry = Entry(0, isKept ? symbol >> 16 : 0, symbol & HuffmanTable.LengthMask);
        return symbol == 0 ? Nowhere : _memory[number + advance];
    }

    public void Dispose() => ScrubbedArrays<long>.Return(_memory);

    // Where one kept coefficient is left, its value can be in the same entry as symbols before and behind it. Such
    // states have a table each; there must not be many.
    private static int LastRowsOf(Reduction reduction)
    {
        int last = reduction.Last;
        int before = last - 1;
        while (before > 0 && reduction.Slots[before] == reduction.Count)
        {
            before--;
        }

        return last > 0 && last - before <= MaxLastRows ? last - before : 0;
    }

    private bool IsWanted(int block) => _components[_componentOf[block]].Plane is not null;

    // Of each component where its tables begin: a block's first symbol, symbols with values, symbols without, and those
    // for the last kept coefficient.
    private void FillTables(int index)
    {
        ScanComponent component = _components[index];
        HuffmanTable ac = component.Ac;
        if (component.Plane is null)
        {
            // Chroma's two components mostly have the same tables.
            int same = Array.FindIndex(
                _components, 0, index, c => c.Plane is null && c.Dc == component.Dc && c.Ac == ac);
            _tables[index, 0] = same < 0 ? Add(UnwantedBits, component.Dc, 0, ac) : _tables[same, 0];
            _tables[index, 2] = same < 0 ? Add(UnwantedBits, ac, 0, ac) : _tables[same, 2];
            return;
        }

        bool isDcAlone = _reduction.Last == 0;
        _tables[index, 0] = Add(isDcAlone ? SkipBits : DcBits, component.Dc, 1, isDcAlone ? ac : null);
        _tables[index, 1] = isDcAlone ? 0 : Add(ValueBits, ac, First, null);
        _tables[index, 2] = Add(SkipBits, ac, 0, ac);
        for (int i = 0; i < _lastRows; i++)
        {
            _tables[index, 3 + i] = Add(ValueBits, ac, i + 1, ac);
        }
    }

    private int Add(int indexBits, HuffmanTable table, int wanted, HuffmanTable? chain)
    {
        int at = ((_used + 63) & ~63) + 64 - indexBits;
        _used = at + (1 << indexBits);
        table.Pack(wanted, chain, Entries.Slice(at, 1 << indexBits));
        return at;
    }

    // Rows of a block's states: its start, within it, and before the last kept coefficient.
    private void FillRow(int block, int row)
    {
        bool isWanted = IsWanted(block);
        int first = RowOf(block, row);
        long end = StartOf(block + 1 == _componentOf.Length ? 0 : block + 1) | ((isWanted ? (long)Count : 0) << 48);
        for (int sum = 0; sum < RowLength; sum++)
        {
            // The last symbol was of the coefficient before the sum, unless it is in a chain behind the one whose value
            // is wanted. What nobody wants goes to where the next wanted block's DC will be.
            int place = !isWanted || row == 0 ? 0
                : row > 1 ? _reduction.Slots[_reduction.Last]
                : sum is >= 1 and <= 64 ? _reduction.Slots[sum - 1] : Count;
            long next = sum switch
            {
                >= 1 and < 64 => StateOf(block, sum),
                64 or (>= HuffmanTable.EndOfBlock and < HuffmanTable.EndOfBlock + 64) => end,
                _ => Nowhere,
            };
            _memory[first + sum] = next < 0 ? next : next | ((long)place << 32);
        }
    }

    private int RowOf(int block, int row) => ((_rows * block) + row) * RowLength;

    private long StartOf(int block) => StateAt(RowOf(block, 0), _tables[_componentOf[block], 0]);

    private long StateOf(int block, int coefficient)
    {
        int component = _componentOf[block];
        int toGo = _reduction.Last - coefficient;
        (int row, int table) = !IsWanted(block) || toGo < 0 ? (1, 2)
            : toGo < _lastRows ? (2 + toGo, 3 + toGo)
            : (1, 1);
        return StateAt(RowOf(block, row) + coefficient, _tables[component, table]);
    }

    private static long StateAt(int number, int table) => ((long)number << 16) | (uint)table;
}
