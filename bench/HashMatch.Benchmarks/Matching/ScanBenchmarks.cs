using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using BenchmarkDotNet.Attributes;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Matching;

/// <summary>One query over all rows that finds nothing: every width beside the best scalar scan.</summary>
[MemoryDiagnoser]
public class ScanBenchmarks
{
    private ulong[] _words = [];
    private HashValue _query;

    [Params(100_000, 1_000_000)]
    public int Rows { get; set; }

    /// <summary>31 reads two of four columns, 63 reads three.</summary>
    [Params(31, 63)]
    public int MaxDistance { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        _query = BalancedHashes.Next(random);
        _words = new ulong[4 * Rows];
        for (int row = 0; row < Rows; row++)
        {
            HashValue value = BalancedHashes.Next(random);
            _words[row] = value.A;
            _words[Rows + row] = value.B;
            _words[(2 * Rows) + row] = value.C;
            _words[(3 * Rows) + row] = value.D;
        }
    }

    [Benchmark(Baseline = true)]
    public int Scalar() => HammingScan.FindNextScalar(_words, Rows, 0, _query, MaxDistance, out _);

    [Benchmark]
    public int Vector128() =>
        Ssse3.IsSupported || AdvSimd.Arm64.IsSupported
            ? HammingScan.FindNextVector128(_words, Rows, 0, _query, MaxDistance, out _)
            : throw new NotSupportedException("Needs SSSE3 or Arm64.");

    [Benchmark]
    public int Vector256() =>
        Avx2.IsSupported
            ? HammingScan.FindNextVector256(_words, Rows, 0, _query, MaxDistance, out _)
            : throw new NotSupportedException("Needs AVX2.");

    [Benchmark]
    public int Vector512() =>
        Avx512BW.IsSupported
            ? HammingScan.FindNextVector512(_words, Rows, 0, _query, MaxDistance, out _)
            : throw new NotSupportedException("Needs AVX-512BW.");
}
