namespace HashMatch.Imaging.Hashing;

/// <summary>
/// Finds a border of one colour, on each side on its own, while the rows of a picture go by. A side's border is first
/// taken where no pixel is far from its colour, and then as far on, within a block, as the pixels are near it on
/// average. Rows of one colour at the top and at the bottom are border; they say nothing of the left and the right.
/// </summary>
internal sealed class BorderFinder
{
    /// <summary>Most of a side that is cut off: a wide picture on a tall screen has a third above and below.</summary>
    public const double MaxShare = 0.4;

    // A thinner one hardly moves a hash.
    private const double MinShare = 0.01;

    // Source pixels of the largest block that is coded as one.
    private const int BlockSide = 16;

    private readonly int _width;
    private readonly int _height;
    private readonly BorderSide _left;
    private readonly BorderSide _right;
    private readonly float[] _below;
    private readonly RowSamples[] _lastRows;
    private int _row;
    private int _top;
    private float _topColour;
    private bool _isTopOver;
    private bool _hasPicture;
    private int _belowCount;
    private int _lastCount;
    private int _tail;
    private float _tailColour;

    public BorderFinder(in PictureShape shape)
    {
        _width = shape.Width;
        _height = shape.Height;
        int softColumns = Soft(shape.ScaleX);
        int columns = Math.Min(_width, (int)(_width * MaxShare) + 1 + softColumns);
        _left = new BorderSide(isRight: false, columns, softColumns);
        _right = new BorderSide(isRight: true, columns, softColumns);
        _below = new float[Soft(shape.ScaleY)];
        _lastRows = new RowSamples[_below.Length];
    }

    /// <summary>Takes the next row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        _row++;
        float colour = row[0];
        bool isClean = PixelRuns.FromLeft(row, colour, BorderEdge.Tolerance) == row.Length;
        if (isClean && AddToTop(colour))
        {
            return;
        }

        _isTopOver = true;
        RowSamples samples = default;
        if (!isClean || _belowCount < _below.Length)
        {
            samples.Take(row);
            AddBelowTop(samples);
        }

        if (isClean)
        {
            AddToTail(colour);
            return;
        }

        _hasPicture = true;
        EndTail();
        _lastRows[_lastCount++ % _lastRows.Length] = samples;
        if (!_left.IsGone)
        {
            _left.Add(row);
        }

        if (!_right.IsGone)
        {
            _right.Add(row);
        }
    }

    /// <summary>The border, once all rows are in; empty when there is none to cut off.</summary>
    public Border Find()
    {
        // Rows of one colour from top to bottom: there is no picture that a border could be of.
        if (_row < _height || !_hasPicture)
        {
            return default;
        }

        return new Border(
            Limit(_left.Columns(), _width),
            Limit(_top + BorderEdge.SoftLines(_below.AsSpan(0, _belowCount), hasClean: _top > 0), _height),
            Limit(_right.Columns(), _width),
            Limit(_tail + SoftTail(), _height));
    }

    /// <summary>Zeroes what it holds of the pixels.</summary>
    public void Forget()
    {
        Array.Clear(_lastRows);
        Array.Clear(_below);
        _left.Forget();
        _right.Forget();
    }

    // At least the line that the edge goes through.
    private static int Soft(double scale) => (int)Math.Ceiling((BlockSide - 1) / scale) + 1;

    private static int Limit(int border, int side) =>
        border > side * MaxShare || border < side * MinShare ? 0 : border;

    private bool AddToTop(float colour)
    {
        if (_isTopOver || (_top > 0 && Math.Abs(colour - _topColour) > BorderEdge.Tolerance))
        {
            return false;
        }

        _topColour = _top == 0 ? colour : _topColour;
        _top++;
        return true;
    }

    private void AddBelowTop(in RowSamples samples)
    {
        if (_belowCount == _below.Length)
        {
            return;
        }

        if (_top == 0 && _belowCount == 0)
        {
            _topColour = samples.Mean();
        }

        _below[_belowCount++] = samples.Deviation(_topColour);
    }

    private void AddToTail(float colour)
    {
        if (_tail > 0 && Math.Abs(colour - _tailColour) > BorderEdge.Tolerance)
        {
            EndTail();
        }

        _tailColour = _tail == 0 ? colour : _tailColour;
        _tail++;
    }

    // Rows of one colour that another follows are part of the picture.
    private void EndTail()
    {
        if (_tail == 0)
        {
            return;
        }

        _left.AddColour(_tailColour);
        _right.AddColour(_tailColour);
        _tail = 0;
        _lastCount = 0;
    }

    private int SoftTail()
    {
        int rows = Math.Min(_lastCount, _lastRows.Length);
        Span<float> deviations = stackalloc float[rows];
        for (int i = 0; i < rows; i++)
        {
            ref RowSamples samples = ref _lastRows[(_lastCount - 1 - i) % _lastRows.Length];
            if (_tail == 0 && i == 0)
            {
                _tailColour = samples.Mean();
            }

            deviations[i] = samples.Deviation(_tailColour);
        }

        return BorderEdge.SoftLines(deviations, hasClean: _tail > 0);
    }
}
