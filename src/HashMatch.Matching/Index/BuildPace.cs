namespace HashMatch.Matching.Index;

/// <summary>Between steps of a build: whether to go on, and a rest for what runs beside it.</summary>
internal readonly struct BuildPace(Action? pace, CancellationToken cancellation)
{
    // Some milliseconds of work at 10 to 50 ns a row.
    private const int RowsPerStep = 1 << 16;

    /// <summary>Call it with every row that was done.</summary>
    public void After(int row)
    {
        if ((row & (RowsPerStep - 1)) == RowsPerStep - 1)
        {
            pace?.Invoke();
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
