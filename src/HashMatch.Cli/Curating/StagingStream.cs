using System.Globalization;
using Google.Rpc;
using Grpc.Core;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Curating;

/// <summary>
/// Streams the lines of a list file into StageVersion. A bad line is found here, before it is sent: it ends the sending
/// or, with skip_invalid, is sent as an empty entry, so that the server counts it. Values that cannot be matched are
/// sent as numbers.
/// </summary>
internal sealed class StagingStream(
    AsyncClientStreamingCall<Proto.V1.StageVersionRequest, Proto.V1.StageVersionResponse> call,
    StageOptions options,
    IProgress<long>? progress)
{
    /// <summary>Bad lines that are kept.</summary>
    private const int MaxErrors = 100;

    private const int BatchEntries = 4096;

    // Well under the smallest message limit a server is likely to have.
    private const int BatchBytes = 1024 * 1024;

    private readonly List<HashListError> _errors = [];

    private long _errorCount;

    /// <summary>Sends all lines and waits for the version.</summary>
    /// <exception cref="RpcException">The server refused, or does not answer.</exception>
    public async Task<CatalogResult<StageResult>> SendAsync(
        string list, IAsyncEnumerable<ListLine> lines, CancellationToken cancellation)
    {
        if (!await call.RequestStream.TryWriteAsync(
            new Proto.V1.StageVersionRequest
            {
                Header = new Proto.V1.StageVersionRequest.Types.Header
                {
                    List = list,
                    Source = options.Source,
                    SkipInvalid = options.SkipInvalid,
                    OntoVersion = (ulong)options.OntoVersion,
                    Force = options.Force,
                },
            },
            cancellation))
        {
            return await FinishAsync();
        }

        var batch = new Proto.V1.StageVersionRequest.Types.Batch();
        int bytes = 0;
        long taken = 0;
        var leftOut = new LeftOutCounts();
        await foreach (ListLine line in lines.WithCancellation(cancellation))
        {
            progress?.Report(++taken);
            if (line.LeftOut is not null)
            {
                leftOut.Add(line.LeftOut);
                continue;
            }

            if (line.Error is not null)
            {
                Keep(new HashListError(line.Line, line.Error));
            }

            if (_errorCount > 0 && !options.SkipInvalid)
            {
                continue;
            }

            Proto.V1.Entry entry = Wire.EntryOf(line);
            batch.Entries.Add(entry);
            bytes += entry.CalculateSize() + 4;
            if (batch.Entries.Count == BatchEntries || bytes >= BatchBytes)
            {
                if (!await call.RequestStream.TryWriteAsync(
                    new Proto.V1.StageVersionRequest { Batch = batch }, cancellation))
                {
                    return await FinishAsync();
                }

                batch = new Proto.V1.StageVersionRequest.Types.Batch();
                bytes = 0;
            }
        }

        if (_errorCount > 0 && !options.SkipInvalid)
        {
            // Disposing of the call without closing this side leaves nothing on the server.
            return new StageResult(null, _errors, _errorCount);
        }

        batch.LeftOut.AddRange((leftOut.All ?? []).Select(
            item => new Proto.V1.LeftOut { Type = item.Type, Count = (ulong)item.Count }));
        if ((batch.Entries.Count > 0 || batch.LeftOut.Count > 0)
            && !await call.RequestStream.TryWriteAsync(
                new Proto.V1.StageVersionRequest { Batch = batch }, cancellation))
        {
            return await FinishAsync();
        }

        // Only when everything was taken: a side that is closed makes a version of what was sent.
        await call.RequestStream.CompleteAsync();
        return await FinishAsync();
    }

    /// <summary>The lines that a refusal names; empty when it names none.</summary>
    public static IReadOnlyList<HashListError> LinesOf(BadRequest? refusal)
    {
        List<HashListError> lines = [];
        foreach (BadRequest.Types.FieldViolation violation in refusal?.FieldViolations ?? [])
        {
            int open = violation.Field.IndexOf('[', StringComparison.Ordinal);
            int close = violation.Field.IndexOf(']', StringComparison.Ordinal);
            if (open >= 0 && close > open && long.TryParse(
                violation.Field.AsSpan(open + 1, close - open - 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long line))
            {
                lines.Add(new HashListError(line, violation.Description));
            }
        }

        return lines;
    }

    private async Task<CatalogResult<StageResult>> FinishAsync()
    {
        Proto.V1.StageVersionResponse response = await call.ResponseAsync;
        foreach (Proto.V1.EntryError error in response.Errors)
        {
            long line = (long)error.Position;
            if (!_errors.Exists(known => known.Line == line))
            {
                Keep(new HashListError(line, error.Reason));
            }
        }

        ListVersion version = Wire.VersionOf(response.Version);
        _errors.Sort((left, right) => left.Line.CompareTo(right.Line));
        return new StageResult(version, _errors, Math.Max(_errorCount, version.Skipped));
    }

    private void Keep(HashListError error)
    {
        _errorCount++;
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(error);
        }
    }
}
