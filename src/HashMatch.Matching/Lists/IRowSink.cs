namespace HashMatch.Matching.Lists;

/// <summary>Takes rows in ascending order of their keys.</summary>
internal interface IRowSink
{
    /// <summary>Whether rows are still of use to it.</summary>
    bool WantsMore => true;

    /// <summary>Takes a row; when there is no room it is not taken: <see cref="CutAsync"/>, and again.</summary>
    bool TryAdd(PackedRow row);

    /// <summary>Makes room.</summary>
    Task CutAsync(CancellationToken cancellation);
}
