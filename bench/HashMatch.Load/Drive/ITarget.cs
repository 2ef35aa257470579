using System.Diagnostics;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>A service that is measured: HashMatch, or another by what its API has.</summary>
internal interface ITarget : IAsyncDisposable
{
    /// <summary>What the results call it.</summary>
    string Name { get; }

    /// <summary>Its build, where that is known.</summary>
    string? Build { get; }

    /// <summary>Its process; null when it was not started here.</summary>
    Process? Process { get; }

    /// <summary>What the first call that failed came to; null when none did.</summary>
    string? Problem { get; }

    /// <summary>The last lines that its process printed; null when it was not started here.</summary>
    string? Said { get; }

    /// <summary>Makes all of a call that can be made before it.</summary>
    /// <returns>Makes the call, as often as it is asked to, and says what became of it.</returns>
    Func<CancellationToken, Task<CallResult>> Prepare(LoadItem item);
}
