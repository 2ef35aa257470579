using HashMatch.Cli.Driving;

namespace HashMatch.Load.Scale;

/// <summary>Uploads that came in one span, whenever they were done.</summary>
internal sealed class SpanFigures(Span span)
{
    private readonly Latencies _taken = new();

    public string Name => span.Name;

    /// <summary>All that came.</summary>
    public long Offered { get; private set; }

    public long Answered { get; private set; }

    public long Shed { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Mean milliseconds from arrival to a core, of those that were answered.</summary>
    public double MeanWait => _waited / Math.Max(1, Answered) * 1000;

    /// <summary>Mean milliseconds from arrival to end, of those that were answered.</summary>
    public double Mean => _stayed / Math.Max(1, Answered) * 1000;

    /// <summary>Milliseconds from arrival to end that half of those that were answered did not exceed.</summary>
    public double P50 => _taken.At(50).TotalMilliseconds;

    /// <inheritdoc cref="P50"/>
    public double P99 => _taken.At(99).TotalMilliseconds;

    /// <inheritdoc cref="P50"/>
    public double P999 => _taken.At(99.9).TotalMilliseconds;

    private double _waited;
    private double _stayed;

    /// <summary>Whether what comes at a time belongs here.</summary>
    public bool Has(double seconds) => seconds >= span.From && seconds < span.To;

    /// <summary>Counts an upload that is over.</summary>
    public void Add(UploadEnd end, double waited, double stayed)
    {
        Offered++;
        switch (end)
        {
            case UploadEnd.Answered:
                Answered++;
                _waited += waited;
                _stayed += stayed;
                _taken.Record(TimeSpan.FromSeconds(stayed));
                break;
            case UploadEnd.Shed:
                Shed++;
                break;
            default:
                Failed++;
                break;
        }
    }
}
