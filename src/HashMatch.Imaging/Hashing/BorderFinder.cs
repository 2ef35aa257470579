namespace HashMatch.Imaging.Hashing;

/// <summary>
/// Finds a border of one colour, on each side on its own, while the rows of a picture go by. Compression blurs the last
/// pixels of a border where a block holds some of the picture too, so that a side's border is first taken where no
/// pixel is far from its colour, and then as far on, within a block, as the pixels are near it on average.
/// </summary>
internal sealed class BorderFinder
{
    /// <summary>Levels of luma that a pixel of a border may be from its colour.</summary>
    public const float Tolerance = 6;

    /// <summary>Levels that the pixels of a blurred line may be from the colour on average.</summary>
    public const float SoftTolerance = 6;

    /// <summary>Most of a side that is cut off: a wide picture on a tall screen has a third above and below.</summary>
    public const double MaxShare = 0.4;

    // A thinner one moves no hash.
    private const double MinShare = 0.005;

    // Source pixels of the largest block that is coded as one.
    private const int BlockSide = 16;

    // Pixels of a row that tell whether it is near a colour on average.
    private const int Samples = 64;

    private readonly int _width;
    private readonly int _height;
    private readonly int _softRows;
    private readonly BorderSide _left;
    private readonly BorderSide _right;
    private readonly float[] _samples;
    private int _sampled;
    private int _row;
    private int _top;
    private float _topColour;
    private bool _isTopSoft;
    private bool _isTopOver;
    private int _tail;
    private float _tailColour;

    public BorderFinder(in PictureShape shape)
    {
        _width = shape.Width;
        _height = shape.Height;
        _softRows = Soft(shape.ScaleY);
        int soft = Soft(shape.ScaleX);
        int columns = Math.Min(_width, (int)(_width * MaxShare) + 1 + soft);
        _left = new BorderSide(isRight: false, columns, soft);
        _right = new BorderSide(isRight: true, columns, soft);
        _samples = new float[_softRows * Samples];
    }

    /// <summary>Takes the next row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        _row++;
        float colour = row[0];
        if (PixelRuns.FromLeft(row, colour, Tolerance) == row.Length)
        {
            AddUniform(colour);
            return;
        }

        EndTail();
        if (_isTopOver || !IsSoftTop(row))
        {
            _isTopOver = true;
            AddPicture(row);
        }
    }

    /// <summary>The border, once all rows are in; empty when there is none to cut off.</summary>
    public Border Find()
    {
        // Rows of one colour from top to bottom: there is no picture that a border could be of.
        if (!_isTopOver || _row < _height)
        {
            return default;
        }

        return new Border(
            Limit(_left.Columns(), _width),
            Limit(_top, _height),
            Limit(_right.Columns(), _width),
            Limit(_tail == 0 ? 0 : _tail + SoftTail(), _height));
    }

    private static int Soft(double scale) => (int)Math.Ceiling((BlockSide - 1) / scale);

    private static int Limit(int border, int side) =>
        border > side * MaxShare || border < side * MinShare ? 0 : border;

    private void AddUniform(float colour)
    {
        if (!_isTopOver && !_isTopSoft && (_top == 0 || Math.Abs(colour - _topColour) <= Tolerance))
        {
            _topColour = _top == 0 ? colour : _topColour;
            _top++;
            return;
        }

        _isTopOver = true;
        if (_tail > 0 && Math.Abs(colour - _tailColour) > Tolerance)
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
        _sampled = 0;
    }

    private bool IsSoftTop(ReadOnlySpan<float> row)
    {
        if (_top == 0 || _row > _top + _softRows)
        {
            return false;
        }

        Span<float> samples = stackalloc float[Samples];
        Sample(row, samples);
        if (Deviation(samples, _topColour) > SoftTolerance)
        {
            return false;
        }

        _isTopSoft = true;
        _top++;
        return true;
    }

    private void AddPicture(ReadOnlySpan<float> row)
    {
        if (_softRows > 0)
        {
            Sample(row, _samples.AsSpan(_sampled++ % _softRows * Samples, Samples));
        }

        if (!_left.IsGone)
        {
            _left.Add(row);
        }

        if (!_right.IsGone)
        {
            _right.Add(row);
        }
    }

    private int SoftTail()
    {
        int rows = 0;
        while (rows < Math.Min(_sampled, _softRows))
        {
            int at = (_sampled - 1 - rows) % _softRows * Samples;
            if (Deviation(_samples.AsSpan(at, Samples), _tailColour) > SoftTolerance)
            {
                break;
            }

            rows++;
        }

        return rows;
    }

    private static void Sample(ReadOnlySpan<float> row, Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = row[(int)((((2L * i) + 1) * row.Length) / (2 * samples.Length))];
        }
    }

    private static float Deviation(ReadOnlySpan<float> samples, float colour)
    {
        float sum = 0;
        foreach (float sample in samples)
        {
            sum += MathF.Abs(sample - colour);
        }

        return sum / samples.Length;
    }
}
