namespace HashMatch.Cli.Driving;

/// <summary>What a machine holds.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="LoadBefore">Its load average before; null where nothing says so.</param>
/// <param name="Entries">Of the list that was matched against.</param>
/// <param name="Uploads">By size.</param>
/// <param name="Hashes">Ready-made ones, in batches.</param>
/// <param name="PeakBytes">Largest resident memory of the service.</param>
/// <param name="Bad">Calls that failed or were answered wrongly.</param>
/// <param name="Problem">What the first of them came to.</param>
internal sealed record Sizing(
    Machine Machine,
    double? LoadBefore,
    int Entries,
    IReadOnlyList<SizedLoad> Uploads,
    SizedLoad Hashes,
    long PeakBytes,
    long Bad,
    string? Problem)
{
    /// <summary>Memory by entries.</summary>
    public IEnumerable<SizedMemory> Memory =>
        SizedMemory.Steps.Select(entries => SizedMemory.Of(entries, Entries, PeakBytes));
}
