namespace HashMatch.Load.Scale;

/// <summary>A machine that one replica has to itself.</summary>
/// <param name="Cores">As fast as those that the costs were measured on.</param>
/// <param name="GiB">Of memory.</param>
/// <param name="Gbits">A second, in and out each.</param>
internal sealed record ReplicaMachine(int Cores, double GiB, double Gbits);
