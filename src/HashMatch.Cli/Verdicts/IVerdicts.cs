using HashMatch.Uploads;

namespace HashMatch.Cli.Verdicts;

/// <summary>Gives verdicts on uploads, in this process or through a server. Safe for concurrent use.</summary>
internal interface IVerdicts : IAsyncDisposable
{
    /// <summary>What becomes of one image.</summary>
    Task<UploadAnswer> MatchAsync(ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation);
}
