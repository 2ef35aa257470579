namespace HashMatch.Load.Scale;

/// <summary>Look-ups in groups that hold a part of the entries each; times are milliseconds.</summary>
/// <param name="Groups">Of them.</param>
/// <param name="Entries">Of all together.</param>
/// <param name="Milliseconds">Of a core, for the look-ups of one upload in all groups.</param>
/// <param name="Balancing">Within a group.</param>
/// <param name="Figures">Simulated.</param>
internal sealed record ShardsRow(
    int Groups, double Entries, double Milliseconds, Balancing Balancing, ShardsFigures Figures);
