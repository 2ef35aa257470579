using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Peers;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>Luma to hash at Fast fidelity: every width beside scalar, and all eight orientations.</summary>
[MemoryDiagnoser]
public class FastBenchmarks
{
    private readonly CppReference _peer = new();
    private Luma? _luma;

    [Params("512x512", "1024x768", "4000x3000")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _luma = Pictures.Noise(Size);
        _peer.Take(_luma);
    }

    [GlobalCleanup]
    public void CleanUp() => _luma!.Dispose();

    [Benchmark(Baseline = true)]
    public PdqResult Scalar() => PdqHasher.Hash(_luma!, PdqFidelity.Fast, VectorWidth.Scalar);

    [Benchmark]
    public PdqResult Vector128() => PdqHasher.Hash(_luma!, PdqFidelity.Fast, VectorWidth.V128);

    [Benchmark]
    public PdqResult Vector256() => PdqHasher.Hash(_luma!, PdqFidelity.Fast, VectorWidth.V256);

    [Benchmark]
    public PdqResult Vector512() => PdqHasher.Hash(_luma!, PdqFidelity.Fast, VectorWidth.V512);

    [Benchmark]
    [Peer(PeerKind.PdqReference)]
    public PdqHash CppReference() => _peer.Hash();

    /// <summary>At the widest, to be compared with it.</summary>
    [Benchmark]
    public DihedralHashes AllEightAtTheWidest() => PdqHasher.HashDihedral(_luma!, PdqFidelity.Fast);
}
