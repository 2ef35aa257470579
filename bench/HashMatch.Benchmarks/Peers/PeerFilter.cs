using System.Reflection;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Running;

namespace HashMatch.Benchmarks.Peers;

/// <summary>Leaves out what is measured of peers that are not there.</summary>
internal sealed class PeerFilter : IFilter
{
    public bool Predicate(BenchmarkCase benchmarkCase) => IsHere(benchmarkCase.Descriptor.WorkloadMethod);

    /// <summary>Whether a benchmark can run on this machine.</summary>
    public static bool IsHere(MethodInfo benchmark) =>
        benchmark.GetCustomAttribute<PeerAttribute>() is not { } peer || PeerLibraries.Has(peer.Kind);
}
