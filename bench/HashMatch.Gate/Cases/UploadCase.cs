using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Uploads;

namespace HashMatch.Gate.Cases;

/// <summary>A file's bytes to its hashes, as the service takes an upload, without digests.</summary>
internal sealed class UploadCase : GateCase, IDisposable
{
    private static readonly UploadOptions Options = new() { Md5 = false, Sha1 = false, Sha256 = false };

    private readonly DecodeWorkers _workers;
    private readonly UploadHasher _hasher;
    private readonly byte[] _file;

    /// <param name="file">JPEG or PNG.</param>
    public UploadCase(string file)
    {
        // A decode that has no processor, or runs in valgrind, is no failure here.
        var limits = new ImageLimits { Timeout = TimeSpan.FromMinutes(1) };
        _workers = new DecodeWorkers(limits);
        _hasher = new UploadHasher(new ImageDecoder(limits, _workers));
        _file = File.ReadAllBytes(file);
    }

    public override void Run()
    {
        MatchQuery query = _hasher.Hash(_file, Options, CancellationToken.None).Query;
        if (query.Reason != UnhashableReason.None || _workers.Alive > 0)
        {
            throw new InvalidOperationException($"The picture was not hashed here: {query.Reason}.");
        }
    }

    public void Dispose() => _workers.Dispose();
}
