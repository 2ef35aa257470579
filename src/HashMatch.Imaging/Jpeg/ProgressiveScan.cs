namespace HashMatch.Imaging.Jpeg;

/// <summary>Reads one scan of a progressive picture (ITU T.81, annex G) into stores.</summary>
internal ref struct ProgressiveScan
{
    private const int IndexShift = 64 - HuffmanTable.LookUpBits;

    // A load brings 57 bits or more; so far behind its position there are still enough for an index.
    private const int Reach = 57 - HuffmanTable.LookUpBits;

    private readonly JpegScan _scan;
    private readonly ReadOnlySpan<HuffmanTable> _tables;
    private readonly ReadOnlySpan<CoefficientStore?> _stores;
    private readonly ReadOnlySpan<JpegComponent> _components;
    private readonly Span<int> _predictions;
    private readonly byte[] _slots;
    private readonly int[] _values;
    private int _endOfBandRun;
    private int _position;

    /// <param name="scan">Its header.</param>
    /// <param name="components">In the order of the MCU.</param>
    /// <param name="tables">Their DC tables in a scan of DC, their AC tables in others.</param>
    /// <param name="stores">Their stores; null for those that nobody wants.</param>
    /// <param name="predictions">Scratch, one each.</param>
    public ProgressiveScan(
        JpegScan scan,
        ReadOnlySpan<JpegComponent> components,
        ReadOnlySpan<HuffmanTable> tables,
        ReadOnlySpan<CoefficientStore?> stores,
        Span<int> predictions)
    {
        _scan = scan;
        _components = components;
        _tables = tables;
        _stores = stores;
        _predictions = predictions;
        _predictions.Clear();
        bool isAc = scan.Band.Start > 0;
        _slots = isAc ? stores[0]!.Reduction.Slots : [];
        _values = isAc ? tables[0].Values : [];
    }

    /// <summary>Reads all of the scan.</summary>
    /// <param name="reader">At its first bit.</param>
    /// <param name="restartInterval">MCUs between restart markers, or 0.</param>
    /// <param name="cancellation">Looked at before each row of MCUs.</param>
    /// <returns>Null when the scan is whole.</returns>
    public JpegProblem? Read(scoped ref EntropyReader reader, int restartInterval, CancellationToken cancellation)
    {
        int untilRestart = restartInterval > 0 ? restartInterval : int.MaxValue;
        int restarts = 0;
        for (int y = 0; y < _scan.McusDown; y++)
        {
            if (cancellation.IsCancellationRequested)
            {
                return JpegProblem.TimedOut;
            }

            for (int x = 0; x < _scan.McusAcross; x++)
            {
                if (untilRestart == 0)
                {
                    if (reader.IsOverrun || !reader.TryRestart(restarts & 7))
                    {
                        return JpegProblem.EndsEarly;
                    }

                    _predictions.Clear();
                    _endOfBandRun = 0;
                    restarts++;
                    untilRestart = restartInterval;
                }

                untilRestart--;
                if (!reader.Prepare())
                {
                    return JpegProblem.EndsEarly;
                }

                _position = reader.Position;
                if (!ReadMcu(reader.Window, x, y))
                {
                    return reader.IsAtEnd(_position) ? JpegProblem.EndsEarly : JpegProblem.BrokenCode;
                }

                reader.Position = _position;
                if (_endOfBandRun > 0 && _scan.High == 0)
                {
                    // The blocks of a run have nothing in a band's first scan.
                    int run = Math.Min(Math.Min(_endOfBandRun, untilRestart), _scan.McusAcross - 1 - x);
                    _endOfBandRun -= run;
                    untilRestart -= run;
                    x += run;
                }
            }
        }

        return reader.IsOverrun ? JpegProblem.EndsEarly : null;
    }

    private bool ReadMcu(ReadOnlySpan<byte> window, int x, int y)
    {
        if (_scan.Band.Start == 0)
        {
            if (_scan.High == 0)
            {
                return ReadDc(window, x, y);
            }

            RefineDc(window, x, y);
            return true;
        }

        CoefficientStore store = _stores[0]!;
        Span<short> block = store.Values.AsSpan(store.Offset(y, x), store.Count);
        return _scan.High == 0 ? ReadAc(window, block) : RefineAc(window, block);
    }

    private bool ReadDc(ReadOnlySpan<byte> window, int x, int y)
    {
        int position = _position;
        int low = _scan.Low;
        for (int i = 0; i < _components.Length; i++)
        {
            CoefficientStore? store = _stores[i];
            HuffmanTable table = _tables[i];
            int[] values = table.Values;
            int prediction = _predictions[i];
            (int across, int down) = _scan.IsInterleaved ? (_components[i].H, _components[i].V) : (1, 1);
            for (int v = 0; v < down; v++)
            {
                int to = store is null ? 0 : store.Offset((y * down) + v, x * across);
                for (int h = 0; h < across; h++)
                {
                    ulong word = EntropyReader.Load(window, position);
                    int entry = values[(int)(word >> IndexShift)];
                    if ((entry & HuffmanTable.Special) != 0)
                    {
                        entry = table.Resolve(word, isDc: true);
                        if (entry == 0)
                        {
                            _position = position;
                            return false;
                        }
                    }

                    position += entry & HuffmanTable.LengthMask;
                    prediction += entry >> 16;
                    if (store is not null)
                    {
                        store.Values[to] = (short)(prediction << low);
                        to += store.Count;
                    }
                }
            }

            _predictions[i] = prediction;
        }

        _position = position;
        return true;
    }

    // A bit a block, ten at the most.
    private void RefineDc(ReadOnlySpan<byte> window, int x, int y)
    {
        ulong word = EntropyReader.Load(window, _position);
        for (int i = 0; i < _components.Length; i++)
        {
            CoefficientStore? store = _stores[i];
            (int across, int down) = _scan.IsInterleaved ? (_components[i].H, _components[i].V) : (1, 1);
            for (int v = 0; v < down; v++)
            {
                int to = store is null ? 0 : store.Offset((y * down) + v, x * across);
                for (int h = 0; h < across; h++)
                {
                    if (store is not null)
                    {
                        store.Values[to] |= (short)((int)(word >> 63) << _scan.Low);
                        to += store.Count;
                    }

                    word <<= 1;
                }
            }
        }

        _position += _scan.BlocksPerMcu;
    }

    private bool ReadAc(ReadOnlySpan<byte> window, Span<short> block)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return true;
        }

        byte[] slots = _slots;
        int[] values = _values;
        (int k, int end) = (_scan.Band.Start - 1, _scan.Band.End);
        int position = _position;
        int limit = -1;
        ulong word = 0;
        while (k < end)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            int entry = values[(int)(word >> IndexShift)];
            if ((entry & HuffmanTable.Special) != 0)
            {
                _position = position;
                entry = ResolveAc(window);
                if (entry == 0)
                {
                    return false;
                }

                position = _position;
                limit = -1;
            }
            else
            {
                word <<= entry;
                position += entry & HuffmanTable.LengthMask;
            }

            k += (entry >> 8) & 0xFF;
            if (k > end)
            {
                _position = position;
                return k >= HuffmanTable.EndOfBlock;
            }

            int slot = slots[k];
            if (slot < block.Length)
            {
                block[slot] = (short)(entry >> 16 << _scan.Low);
            }
        }

        _position = position;
        return true;
    }

    // A symbol that the values do not have: a long one, or the end of more than one block's band. The position goes
    // behind it.
    private int ResolveAc(ReadOnlySpan<byte> window)
    {
        int entry = _tables[0].Resolve(EntropyReader.Load(window, _position), isDc: false);
        int symbol = _tables[0].Decode(EntropyReader.Load(window, _position)) & 0xFF;
        _position += entry & HuffmanTable.LengthMask;
        if (entry != 0 && ((entry >> 8) & 0xFF) == HuffmanTable.EndOfBlock)
        {
            int run = symbol >> 4;
            _endOfBandRun = (1 << run) + (int)Bits(window, run) - 1;
        }

        return entry;
    }

    // G.1.2.3: one bit for every coefficient that is there, and new ones between them.
    private bool RefineAc(ReadOnlySpan<byte> window, Span<short> block)
    {
        ReadOnlySpan<byte> slots = _stores[0]!.Reduction.Slots;
        int bit = 1 << _scan.Low;
        (int k, int end) = _scan.Band;
        if (_endOfBandRun == 0)
        {
            while (k <= end)
            {
                int symbol = Symbol(window, _tables[0]);
                if (symbol < 0)
                {
                    return false;
                }

                (int run, int size) = (symbol >> 4, symbol & 15);
                if (size == 0 && run != 15)
                {
                    _endOfBandRun = (1 << run) + (int)Bits(window, run);
                    break;
                }

                int value = size == 0 ? 0 : Bits(window, 1) != 0 ? bit : -bit;
                k = PassZeros(window, block, slots, k, run);
                if (value != 0)
                {
                    if (k > end)
                    {
                        return false;
                    }

                    block[slots[k]] = (short)value;
                }

                k++;
            }
        }

        if (_endOfBandRun > 0)
        {
            _ = PassZeros(window, block, slots, k, int.MaxValue);
            _endOfBandRun--;
        }

        return true;
    }

    // Refines the coefficients on the way over so many zeros; returns the place of the next zero, or one behind the
    // band.
    private int PassZeros(ReadOnlySpan<byte> window, Span<short> block, ReadOnlySpan<byte> slots, int k, int zeros)
    {
        int bit = 1 << _scan.Low;
        for (; k <= _scan.Band.End; k++)
        {
            ref short value = ref block[slots[k]];
            if (value == 0)
            {
                if (zeros-- == 0)
                {
                    break;
                }
            }
            else if (Bits(window, 1) != 0 && (value & bit) == 0)
            {
                value += (short)(value > 0 ? bit : -bit);
            }
        }

        return k;
    }

    private int Symbol(ReadOnlySpan<byte> window, HuffmanTable table)
    {
        int symbol = table.Decode(EntropyReader.Load(window, _position));
        if (symbol < 0)
        {
            return symbol;
        }

        _position += symbol >> 8;
        return symbol & 0xFF;
    }

    private uint Bits(ReadOnlySpan<byte> window, int count)
    {
        ulong word = EntropyReader.Load(window, _position);
        _position += count;
        return count == 0 ? 0 : (uint)(word >> (64 - count));
    }
}
