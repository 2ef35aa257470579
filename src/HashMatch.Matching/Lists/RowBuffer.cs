namespace HashMatch.Matching.Lists;

/// <summary>Packed rows in memory, up to a bound, sorted by key; of equal keys the last one taken stays.</summary>
internal sealed class RowBuffer
{
    private readonly int _maxBytes;
    private byte[] _rows = new byte[2 * PackedRow.MaxBytes];
    private ulong[] _prefixes = new ulong[256];
    private int[] _starts = new int[256];
    private int _used;

    /// <param name="maxBytes">At least one row of the largest size.</param>
    public RowBuffer(int maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, PackedRow.MaxBytes);
        _maxBytes = maxBytes;
    }

    /// <summary>Rows taken; after <see cref="Sort"/> those that stay.</summary>
    public int Count { get; private set; }

    public PackedRow this[int index] => new(_rows.AsSpan(_starts[index], _used - _starts[index]));

    /// <summary>Takes an entry; false when the buffer is full.</summary>
    public bool TryAdd(HashEntry entry)
    {
        if (!HasRoom())
        {
            return false;
        }

        Register(new EntryKey(entry.Type, entry.Value), PackedRow.Write(entry, _rows.AsSpan(_used)));
        return true;
    }

    /// <summary>Takes a row that removes a key; false when the buffer is full.</summary>
    public bool TryAddTombstone(EntryKey key)
    {
        if (!HasRoom())
        {
            return false;
        }

        Register(key, PackedRow.WriteTombstone(key, _rows.AsSpan(_used)));
        return true;
    }

    /// <summary>Takes a row as it is; false when the buffer is full.</summary>
    public bool TryAdd(PackedRow row)
    {
        if (!HasRoom())
        {
            return false;
        }

        row.Bytes.CopyTo(_rows.AsSpan(_used));
        Register(row.Key, row.Bytes.Length);
        return true;
    }

    /// <summary>Sorts by key; of rows with one key the last one taken stays.</summary>
    /// <returns>How many rows went.</returns>
    public int Sort()
    {
        Array.Sort(_prefixes, _starts, 0, Count);
        int kept = 0;
        for (int group = 0; group < Count;)
        {
            int end = group + 1;
            while (end < Count && _prefixes[end] == _prefixes[group])
            {
                end++;
            }

            if (end > group + 1)
            {
                _starts.AsSpan(group, end - group).Sort(CompareRows);
            }

            for (; group < end; group++)
            {
                if (group + 1 == end || KeyAt(_starts[group]) != KeyAt(_starts[group + 1]))
                {
                    _starts[kept++] = _starts[group];
                }
            }
        }

        int folded = Count - kept;
        Count = kept;
        return folded;
    }

    /// <summary>Forgets all rows.</summary>
    public void Clear() => (Count, _used) = (0, 0);

    // By key, then by arrival, which the start tells.
    private int CompareRows(int left, int right)
    {
        int order = KeyAt(left).CompareTo(KeyAt(right));
        return order != 0 ? order : left.CompareTo(right);
    }

    private EntryKey KeyAt(int start) => new PackedRow(_rows.AsSpan(start, _used - start)).Key;

    private bool HasRoom()
    {
        if (_rows.Length - _used >= PackedRow.MaxBytes)
        {
            return true;
        }

        if (_rows.Length >= _maxBytes)
        {
            return false;
        }

        Array.Resize(ref _rows, (int)Math.Min(_maxBytes, _rows.Length * 2L));
        return _rows.Length - _used >= PackedRow.MaxBytes;
    }

    private void Register(EntryKey key, int length)
    {
        if (Count == _starts.Length)
        {
            Array.Resize(ref _starts, Count * 2);
            Array.Resize(ref _prefixes, Count * 2);
        }

        _prefixes[Count] = ((ulong)(key.Type - HashType.Pdq) << 62) | (key.Value.A >> 2);
        _starts[Count++] = _used;
        _used += length;
    }
}
