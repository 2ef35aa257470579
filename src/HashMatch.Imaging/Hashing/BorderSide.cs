namespace HashMatch.Imaging.Hashing;

/// <summary>
/// What is known of the border at the left or the right of a picture after the rows so far. It only ever shrinks, so
/// that a picture without one costs nothing more.
/// </summary>
/// <param name="isRight">Whether columns are counted from the right.</param>
/// <param name="columns">Columns that a border may have, and the soft ones behind them.</param>
/// <param name="soft">Columns behind the border that may still be it, blurred by compression.</param>
internal sealed class BorderSide(bool isRight, int columns, int soft)
{
    // Sums of deviations from the colour, in the order of the columns.
    private readonly float[] _deviations = new float[columns];
    private int _run = int.MaxValue;
    private int _rows;
    private float _lowest = float.MaxValue;
    private float _highest = float.MinValue;

    /// <summary>There is no border here.</summary>
    public bool IsGone => _run == 0;

    /// <summary>Takes a row that is not of one colour.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        float colour = isRight ? row[^1] : row[0];
        AddColour(colour);
        if (IsGone)
        {
            return;
        }

        // Nothing behind the shortest run so far counts.
        int seen = Math.Min(_deviations.Length, _run);
        ReadOnlySpan<float> edge = isRight ? row[^seen..] : row[..seen];
        int run = isRight
            ? PixelRuns.FromRight(edge, colour, BorderFinder.Tolerance)
            : PixelRuns.FromLeft(edge, colour, BorderFinder.Tolerance);
        _run = Math.Min(_run, run);
        int zone = Math.Min(_deviations.Length, _run + soft);
        PixelRuns.AddDeviations(
            isRight ? row[^zone..] : row[..zone],
            colour,
            isRight ? _deviations.AsSpan(_deviations.Length - zone) : _deviations.AsSpan(0, zone));
        _rows++;
    }

    /// <summary>Takes a row of one colour: it ends a border of another.</summary>
    public void AddColour(float colour)
    {
        _lowest = Math.Min(_lowest, colour);
        _highest = Math.Max(_highest, colour);
        if (_highest - _lowest > 2 * BorderFinder.Tolerance)
        {
            _run = 0;
        }
    }

    /// <summary>Columns of the border; as many as were looked at when there may be more.</summary>
    public int Columns()
    {
        if (IsGone || _rows == 0)
        {
            return 0;
        }

        int end = _run;
        while (end < Math.Min(_deviations.Length, _run + soft) && Deviation(end) <= BorderFinder.SoftTolerance)
        {
            end++;
        }

        return end;
    }

    private float Deviation(int place) => _deviations[isRight ? _deviations.Length - 1 - place : place] / _rows;
}
