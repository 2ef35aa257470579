using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Pdq;
using HashMatch.Server.Configuration;
using HashMatch.Uploads;

namespace HashMatch.Server.Replica;

/// <summary>
/// Runs drawn pictures through the data plane, so that the first caller does not wait for the compiler.
/// </summary>
public sealed class WarmUp(
    UploadHasher hasher,
    DecodeWorkers workers,
    Matcher matcher,
    ServerOptions options,
    TimeProvider time,
    ILogger<WarmUp> logger)
{
    private const int Rounds = 32;
    private const int Finds = 256;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);
    private static readonly string[] Pictures = ["warm-up.jpg", "warm-up.png"];

    /// <summary>Decodes and hashes.</summary>
    public void Hash(CancellationToken cancellation)
    {
        if (!workers.Warm(options.MaxConcurrentDecodes + DecodeWorkers.Spare))
        {
            throw new InvalidOperationException($"No decode worker could be started: {workers.Problem}");
        }

        logger.LogInformation(
            "{Workers} decode workers, confined by: {Confinement}", options.MaxConcurrentDecodes, workers.Confinement);
        byte[][] files = [.. Pictures.Select(Read)];
        long start = time.GetTimestamp();
        for (int round = 0; round < Rounds && time.GetElapsedTime(start) < Budget; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            PdqFidelity fidelity = round % 4 == 3 ? PdqFidelity.Reference : PdqFidelity.Fast;
            foreach (byte[] file in files)
            {
                HashedUpload hashed = hasher.Hash(
                    file, new UploadOptions { Fidelity = fidelity, Dihedral = true }, cancellation);
                cancellation.ThrowIfCancellationRequested();
                if (hashed.Query.Reason == UnhashableReason.TimedOut)
                {
                    // A machine this busy is not helped by more warming up.
                    return;
                }

                if (hashed.Upright is null)
                {
                    throw new InvalidOperationException($"The warm-up picture was not hashed: {hashed.Detail}");
                }
            }
        }
    }

    /// <summary>Looks random hashes up and decides.</summary>
    public void Find(HashIndex index, CancellationToken cancellation)
    {
        var random = new Random(1);
        Span<byte> hash = stackalloc byte[PdqHash.ByteCount];
        long start = time.GetTimestamp();
        for (int i = 0; i < Finds && time.GetElapsedTime(start) < Budget; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            random.NextBytes(hash);
            matcher.Decide(index, new MatchQuery
            {
                Hashes = [new QueryHash(PdqHash.Read(hash), Orientation.Original, 100)],
            });
        }
    }

    private static byte[] Read(string name)
    {
        using Stream file = typeof(WarmUp).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
