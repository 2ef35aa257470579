namespace HashMatch.Imaging.Hashing;

/// <summary>
/// What is known of the border at the left or the right of a picture after the rows so far. The clean columns only ever
/// get fewer, and an edge of several colours ends it, so that a picture without a border costs next to nothing.
/// </summary>
/// <param name="isRight">Whether columns are counted from the right.</param>
/// <param name="columns">Columns that are looked at.</param>
/// <param name="soft">Columns behind the clean ones that may be blurred.</param>
internal sealed class BorderSide(bool isRight, int columns, int soft)
{
    // Levels between the darkest and the brightest pixel of a border's outermost column.
    private const float MaxRange = 48;

    // Of the levels of that column.
    private const double MaxStandardDeviation = 6;

    // Sums of deviations from the colour, in the order of the columns.
    private readonly float[] _deviations = new float[columns];
    private int _run = int.MaxValue;
    private int _rows;
    private int _colours;
    private float _lowest = float.MaxValue;
    private float _highest = float.MinValue;
    private double _mean;
    private double _squares;

    /// <summary>There is no border here.</summary>
    public bool IsGone => _highest - _lowest > MaxRange;

    /// <summary>Takes a row that is not of one colour.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        float colour = isRight ? row[^1] : row[0];
        AddColour(colour);
        int seen = Math.Min(_deviations.Length, _run);
        _run = isRight
            ? PixelRuns.FromRight(row[^seen..], colour, BorderEdge.Tolerance)
            : PixelRuns.FromLeft(row[..seen], colour, BorderEdge.Tolerance);
        int zone = Math.Min(_deviations.Length, _run + soft);
        PixelRuns.AddDeviations(
            isRight ? row[^zone..] : row[..zone],
            (float)_mean,
            isRight ? _deviations.AsSpan(_deviations.Length - zone) : _deviations.AsSpan(0, zone));
        _rows++;
    }

    /// <summary>Zeroes what it holds of the pixels.</summary>
    public void Forget() => Array.Clear(_deviations);

    /// <summary>Takes the colour of a row: a border has one.</summary>
    public void AddColour(float colour)
    {
        _lowest = Math.Min(_lowest, colour);
        _highest = Math.Max(_highest, colour);
        double step = colour - _mean;
        _mean += step / ++_colours;
        _squares += step * (colour - _mean);
    }

    /// <summary>Columns of the border; more than may be cut off when it goes on behind what was looked at.</summary>
    public int Columns()
    {
        if (IsGone || _rows == 0 || Math.Sqrt(_squares / _colours) > MaxStandardDeviation)
        {
            return 0;
        }

        Span<float> means = stackalloc float[Math.Min(soft, Math.Max(0, _deviations.Length - _run))];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = _deviations[isRight ? _deviations.Length - 1 - _run - i : _run + i] / _rows;
        }

        return _run + BorderEdge.SoftLines(means, hasClean: _run > 0);
    }
}
