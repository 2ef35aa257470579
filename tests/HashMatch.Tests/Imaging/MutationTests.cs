using System.Collections.Concurrent;
using System.Diagnostics;
using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Files that are almost right; each is made from the seed and its number, which a failure names.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Seed = 20261124;
    private const int PerPicture = 420;
    private const int PerSample = 70;

    // A decode that ends by this is a hang: a loaded machine takes long, and none takes so long.
    private static readonly ImageLimits Limits = new()
    {
        MaxPixels = 20_000_000,
        Timeout = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public void Mutated_files_give_a_status_and_leave_no_worker_behind()
    {
        (string Name, byte[] File)[] files =
        [
            .. Encodings.All.Values.SelectMany(p => Enumerable.Repeat((p.Name, p.File), PerPicture)),
            .. Samples().SelectMany(s => Enumerable.Repeat(s, PerSample)),
        ];
        var statuses = new ConcurrentDictionary<DecodeStatus, int>();
        var slowest = new ConcurrentBag<(TimeSpan Time, string Name, int Number)>();
        int[] processes;
        using (var workers = new DecodeWorkers(Limits, maxWorkers: 2))
        {
            Assert.True(workers.Warm(2), workers.Problem);
            var decoder = new ImageDecoder(Limits, workers);
            _ = Parallel.For(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                long start = Stopwatch.GetTimestamp();
                ImageHashes hashes = decoder.Hash(
                    Mutate(files[i].File, new Random(Seed + i)), new HashOptions(), CancellationToken.None);
                slowest.Add((Stopwatch.GetElapsedTime(start), files[i].Name, i));
                _ = statuses.AddOrUpdate(hashes.Status, 1, (_, count) => count + 1);
                Assert.True(Enum.IsDefined(hashes.Status));
                Assert.True(hashes.Status != DecodeStatus.TimedOut, $"{files[i].Name}, seed {Seed + i}: it hangs.");
                Assert.Equal(hashes.Status == DecodeStatus.Ok, hashes.Renditions.Count > 0);
                Assert.Equal(hashes.Status == DecodeStatus.Ok, hashes.Detail.Length == 0);
            });
            processes = [.. workers.ProcessIds];
            Assert.InRange(processes.Length, 1, 2 + DecodeWorkers.Spare);
        }

        Assert.DoesNotContain(true, processes.Select(WorkerFaultTests.IsAlive));
        output.WriteLine($"{files.Length} files: {string.Join(", ", statuses.OrderBy(s => s.Key))}");
        output.WriteLine($"Slowest: {string.Join(", ", slowest.OrderByDescending(s => s.Time).Take(3))}");
    }

    private static (string Name, byte[] File)[] Samples() =>
        Conformance.IsThere ? [.. SampleImages.All().Select(s => (s.File, Conformance.Image(s.File)))] : [];

    // Bytes changed anywhere or at the beginning, a length that is another, parts left out or repeated, noise behind.
    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] mutated = [.. file];
        switch (random.Next(6))
        {
            case 0:
                Change(mutated, Math.Min(96, mutated.Length), 1 + random.Next(4), random);
                break;
            case 1:
                Change(mutated, mutated.Length, 1 + random.Next(12), random);
                break;
            case 2:
                mutated = mutated[..random.Next(mutated.Length)];
                break;
            case 3:
                int from = random.Next(mutated.Length);
                int to = random.Next(from, Math.Min(mutated.Length, from + 2000));
                mutated = random.Next(2) == 0
                    ? [.. mutated[..from], .. mutated[to..]]
                    : [.. mutated[..to], .. mutated[from..]];
                break;
            case 4:
                int kept = random.Next(4, Math.Min(mutated.Length, 600));
                random.NextBytes(mutated.AsSpan(kept, Math.Min(400, mutated.Length - kept)));
                break;
            default:
                int bit = random.Next(8 * mutated.Length);
                mutated[bit / 8] ^= (byte)(1 << (bit % 8));
                Change(mutated, Math.Min(700, mutated.Length), random.Next(3), random);
                break;
        }

        return mutated;
    }

    private static void Change(byte[] file, int within, int count, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            file[random.Next(within)] = random.Next(3) switch
            {
                0 => 0xFF,
                1 => 0,
                _ => (byte)random.Next(256),
            };
        }
    }
}
