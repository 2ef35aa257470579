namespace HashMatch.Pdq;

/// <summary>
/// The folded filter fed with rows as a decoder has them, so that no full-size picture exists: at any time it holds the
/// weighted sums of the few decimated rows that the next row can touch. It can hash the picture turned, without turning
/// a pixel. Make one per thread and use it for picture after picture; it keeps no pixels between <see cref="Hash"/> or
/// <see cref="Dispose"/> and the next <see cref="Start"/>. Not safe for concurrent use.
/// </summary>
public sealed unsafe class TentAccumulator : IDisposable
{
    private const int Lines = TentKernel.Lines;

    private readonly VectorWidth _vectors;
    private Scratch? _scratch;
    private TentKernel? _across;
    private TentKernel? _down;
    private float* _sums;
    private float* _block;
    private long _stride;
    private int _width;
    private int _height;
    private int _nextRow;
    private int _firstOpenLine;
    private Orientation _turn;
    private bool _isTooSmall;

    public TentAccumulator()
        : this(VectorWidths.Widest)
    {
    }

    internal TentAccumulator(VectorWidth vectors)
    {
        _vectors = vectors;
    }

    /// <summary>Which kernels run.</summary>
    internal VectorWidth Vectors => _vectors;

    /// <summary>The 64 x 64 block, once all rows are in.</summary>
    internal ReadOnlySpan<float> Block => new(_block, _block is null ? 0 : Lines * Lines);

    private int SumFloats => checked((int)(_stride * _down!.MaxInFlight));

    /// <summary>Begins a picture; one that was not finished is forgotten.</summary>
    /// <param name="width">Floats in a row, 1 to <paramref name="sourceWidth"/>.</param>
    /// <param name="height">Rows to come, 1 to <paramref name="sourceHeight"/>.</param>
    /// <param name="sourceWidth">Columns of the full-size picture.</param>
    /// <param name="sourceHeight">Rows of the full-size picture.</param>
    /// <param name="scaleX">Full-size columns that a stored one covers, 1 or more, not always whole; the last covers
    /// what is left.</param>
    /// <param name="scaleY">The same of rows.</param>
    /// <param name="turn">What is done to the picture before it is hashed; the rows come as they are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side, a scale or the turn is out of its range.</exception>
    public void Start(
        int width,
        int height,
        int sourceWidth,
        int sourceHeight,
        double scaleX,
        double scaleY,
        Orientation turn = Orientation.Original)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, sourceWidth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, sourceHeight);
        ArgumentOutOfRangeException.ThrowIfLessThan(scaleX, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(scaleY, 1);
        (bool mirrorsColumns, bool mirrorsRows, _) = Dihedral.PartsOf(turn);
        Dispose();
        _turn = turn;
        _width = width;
        _height = height;
        _nextRow = 0;
        _firstOpenLine = 0;
        _isTooSmall = Math.Min(sourceWidth, sourceHeight) < PdqHasher.MinSide;
        if (_isTooSmall)
        {
            return;
        }

        _across = TentKernel.For(sourceWidth, width, scaleX, mirrorsColumns);
        _down = TentKernel.For(sourceHeight, height, scaleY, mirrorsRows);
        Rent();
    }

    /// <summary>
    /// Begins a picture whose rows so far are those that another accumulator was given; the rest may differ.
    /// </summary>
    /// <param name="other">With a picture begun; goes on as if nothing had happened.</param>
    public void StartFrom(TentAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Dispose();
        _turn = other._turn;
        _width = other._width;
        _height = other._height;
        _nextRow = other._nextRow;
        _firstOpenLine = other._firstOpenLine;
        _isTooSmall = other._isTooSmall;
        if (other._scratch is null)
        {
            return;
        }

        _across = other._across;
        _down = other._down;
        Rent();
        new ReadOnlySpan<float>(other._sums, SumFloats).CopyTo(new Span<float>(_sums, SumFloats));
        other.Block.CopyTo(new Span<float>(_block, Lines * Lines));
    }

    /// <summary>Takes the next row.</summary>
    /// <param name="row">Luma, 0 to 255; exactly the width.</param>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    /// <exception cref="InvalidOperationException">All rows are in already, or none are due.</exception>
    public void Add(ReadOnlySpan<float> row)
    {
        if (row.Length != _width)
        {
            throw new ArgumentException("A row has exactly the picture's width.", nameof(row));
        }

        fixed (float* pixels = row)
        {
            Add(pixels);
        }
    }

    /// <summary>The hash of the picture, whose rows are then forgotten.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public PdqResult Hash()
    {
        Finish();
        PdqResult result = _isTooSmall ? default : PdqHasher.HashBlock(_block, _vectors);
        Dispose();
        return result;
    }

    /// <summary>The hashes of all orientations of the picture, whose rows are then forgotten.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public DihedralHashes HashDihedral()
    {
        Finish();
        DihedralHashes hashes = _isTooSmall ? default : PdqHasher.HashBlockDihedral(_block, _vectors);
        Dispose();
        return hashes;
    }

    /// <summary>Forgets the rows so far; a new picture may still be started.</summary>
    public void Dispose()
    {
        _scratch?.Dispose();
        _scratch = null;
        _sums = null;
        _block = null;
        _height = 0;
    }

    private void Add(float* row)
    {
        if (_nextRow >= _height)
        {
            throw new InvalidOperationException("No more rows are due.");
        }

        int y = _nextRow++;
        if (_isTooSmall)
        {
            return;
        }

        TentKernel down = _down!;
        for (int line = _firstOpenLine; line < Lines && down.Start(line) <= y; line++)
        {
            int place = y - down.Start(line);
            if (place >= down.Count(line))
            {
                continue;
            }

            float* sums = _sums + (line % down.MaxInFlight * _stride);
            if (place == 0)
            {
                new Span<float>(sums, _width).Clear();
            }

            TentFilter.AddRow(sums, row, down.Weights[down.Offset(line) + place], _width, _vectors);
            if (place == down.Count(line) - 1)
            {
                TentFilter.Reduce(sums, _across!, _block + (line * Lines), _vectors);
            }
        }

        while (_firstOpenLine < Lines && down.Start(_firstOpenLine) + down.Count(_firstOpenLine) <= y + 1)
        {
            _firstOpenLine++;
        }
    }

    private void Rent()
    {
        // A dot product reads whole vectors; what it reads after the last column is zero and so is its weight.
        _stride = ((long)_width + (2 * TentKernel.Lanes) - 1) & -TentKernel.Lanes;
        _scratch = Scratch.Rent(Scratch.BytesFor(SumFloats) + Scratch.BytesFor(Lines * Lines));
        _sums = _scratch.Take(SumFloats);
        _block = _scratch.Take(Lines * Lines);
    }

    /// <summary>Makes the block that of the turned picture; once, when all rows are in.</summary>
    internal void Finish()
    {
        if (_height == 0 || _nextRow < _height)
        {
            throw new InvalidOperationException("Rows are missing.");
        }

        if (_turn != Orientation.Original && !_isTooSmall)
        {
            TurnBlock();
        }
    }

    // A mirrored axis has its lines last first.
    private void TurnBlock()
    {
        (bool mirrorsColumns, bool mirrorsRows, bool transposes) = Dihedral.PartsOf(_turn);
        float* stored = stackalloc float[Lines * Lines];
        Block.CopyTo(new Span<float>(stored, Lines * Lines));
        for (int y = 0; y < Lines; y++)
        {
            float* row = stored + ((mirrorsRows ? Lines - 1 - y : y) * Lines);
            for (int x = 0; x < Lines; x++)
            {
                float sample = row[mirrorsColumns ? Lines - 1 - x : x];
                _block[transposes ? (x * Lines) + y : (y * Lines) + x] = sample;
            }
        }

        new Span<float>(stored, Lines * Lines).Clear();
    }
}
