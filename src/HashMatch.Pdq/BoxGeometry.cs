namespace HashMatch.Pdq;

/// <summary>
/// One axis of the reference's filter: the box's window, what it divides by, and which samples the 64 decimated
/// lines ask for. The box is told by time: at time t sample t enters the sum, sample t - window leaves it, and
/// the quotient belongs to line t - lag.
/// </summary>
internal readonly struct BoxGeometry
{
    /// <summary>Lines of the decimated block.</summary>
    public const int Lines = 64;

    /// <param name="length">Samples on this axis, 5 or more.</param>
    public BoxGeometry(int length)
    {
        Length = length;
        Window = (int)(((long)length + 127) / 128);
        Lag = ((Window + 2) / 2) - 1;
    }

    /// <summary>Samples on this axis.</summary>
    public int Length { get; }

    /// <summary>Samples under the box where no edge cuts it.</summary>
    public int Window { get; }

    /// <summary>How many samples after a line's own its quotient is known.</summary>
    public int Lag { get; }

    /// <summary>The last time, of the first of two boxes, that any decimated line depends on; at most Length.</summary>
    public int LastTime => Sample(Lines - 1) + (2 * Lag);

    /// <summary>The sample that decimation keeps for a line.</summary>
    public int Sample(int line) => (int)((((2L * line) + 1) * Length) / (2 * Lines));

    /// <summary>The first sample under the box of a line.</summary>
    public int First(int sample) => Math.Max(0, sample + Lag + 1 - Window);

    /// <summary>The last sample under the box of a line.</summary>
    public int Last(int sample) => Math.Min(Length - 1, sample + Lag);

    /// <summary>Samples under the box at a time, at least 1 for times up to <see cref="LastTime"/>.</summary>
    public int Count(int time) => Math.Max(1, Math.Min(time + 1, Length) - Math.Max(0, time + 1 - Window));
}
