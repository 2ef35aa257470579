namespace HashMatch.Load.Scale;

/// <summary>A change on its way to replicas.</summary>
internal sealed record FanOutRow(string Change, double Entries, int Replicas, double Bytes, FanOutFigures Figures);
