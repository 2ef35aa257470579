namespace HashMatch.Load.Soak;

/// <summary>What the server process held at one moment.</summary>
/// <param name="At">Since the beginning.</param>
/// <param name="ResidentMb">Memory in RAM, the process's own.</param>
/// <param name="WorkersMb">That of its workers, together.</param>
/// <param name="Handles">Open files, sockets and pipes.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Workers">Decode workers that live.</param>
/// <param name="Zombies">Children that were not reaped.</param>
/// <param name="Calls">Calls that were answered until then.</param>
internal sealed record SoakSample(
    TimeSpan At, double ResidentMb, double WorkersMb, int Handles, int Threads, int Workers, int Zombies, long Calls);
