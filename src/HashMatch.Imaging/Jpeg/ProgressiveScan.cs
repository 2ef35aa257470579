namespace HashMatch.Imaging.Jpeg;

/// <summary>Reads one scan of a progressive picture (ITU T.81, annex G) into stores.</summary>
internal ref struct ProgressiveScan
{
    private readonly JpegScan _scan;
    private readonly ReadOnlySpan<HuffmanTable> _tables;
    private readonly ReadOnlySpan<CoefficientStore?> _stores;
    private readonly ReadOnlySpan<JpegComponent> _components;
    private readonly Span<int> _predictions;
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
            }
        }

        return reader.IsOverrun ? JpegProblem.EndsEarly : null;
    }

    private bool ReadMcu(ReadOnlySpan<byte> window, int x, int y)
    {
        if (_scan.Band.Start == 0)
        {
            return ReadDc(window, x, y);
        }

        Span<short> block = _stores[0]!.From(y, x)[.._stores[0]!.Reduction.Count];
        return _scan.High == 0 ? ReadAc(window, block) : RefineAc(window, block);
    }

    private bool ReadDc(ReadOnlySpan<byte> window, int x, int y)
    {
        for (int i = 0; i < _components.Length; i++)
        {
            CoefficientStore? store = _stores[i];
            (int across, int down) = _scan.IsInterleaved ? (_components[i].H, _components[i].V) : (1, 1);
            for (int v = 0; v < down; v++)
            {
                Span<short> blocks = store is null ? [] : store.From((y * down) + v, x * across);
                for (int h = 0; h < across; h++)
                {
                    int value;
                    if (_scan.High != 0)
                    {
                        value = (int)Bits(window, 1) << _scan.Low;
                    }
                    else if (!TryReadDifference(window, i, out value))
                    {
                        return false;
                    }

                    if (store is not null)
                    {
                        ref short dc = ref blocks[h * store.Reduction.Count];
                        dc = (short)(_scan.High == 0 ? value << _scan.Low : (ushort)dc | value);
                    }
                }
            }
        }

        return true;
    }

    private bool TryReadDifference(ReadOnlySpan<byte> window, int component, out int value)
    {
        HuffmanTable table = _tables[component];
        ulong word = EntropyReader.Load(window, _position);
        int entry = table.Values[(int)(word >> (64 - HuffmanTable.LookUpBits))];
        if ((entry & HuffmanTable.Special) != 0)
        {
            entry = table.Resolve(word, isDc: true);
        }

        _position += entry & HuffmanTable.LengthMask;
        value = _predictions[component] += entry >> 16;
        return entry != 0;
    }

    private bool ReadAc(ReadOnlySpan<byte> window, Span<short> block)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return true;
        }

        ReadOnlySpan<byte> slots = _stores[0]!.Reduction.Slots;
        ReadOnlySpan<int> values = _tables[0].Values;
        (int k, int end) = (_scan.Band.Start - 1, _scan.Band.End);
        while (k < end)
        {
            ulong word = EntropyReader.Load(window, _position);
            int entry = values[(int)(word >> (64 - HuffmanTable.LookUpBits))];
            int value = entry >> 16;
            if ((entry & HuffmanTable.Special) != 0)
            {
                int symbol = Symbol(window, _tables[0]);
                if (symbol < 0)
                {
                    return false;
                }

                (int run, int size) = (symbol >> 4, symbol & 15);
                if (size == 0 && run != 15)
                {
                    _endOfBandRun = (1 << run) + (int)Bits(window, run) - 1;
                    return true;
                }

                value = HuffmanTable.Extend((int)Bits(window, size), size);
                k += run + 1;
            }
            else
            {
                _position += entry & HuffmanTable.LengthMask;
                k += (entry >> 8) & 0xFF;
                if (k >= HuffmanTable.EndOfBlock)
                {
                    return true;
                }
            }

            if (k > end)
            {
                return false;
            }

            int slot = slots[k];
            if (slot < block.Length && value != 0)
            {
                block[slot] = (short)(value << _scan.Low);
            }
        }

        return true;
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
