using System.Buffers;
using System.Globalization;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Lines to a staged version.</content>
public sealed partial class ListCatalog
{
    /// <summary>Bad lines that a result names.</summary>
    public const int MaxErrors = 100;

    /// <summary>Bytes of <see cref="StageOptions.Source"/>.</summary>
    public const int MaxSourceBytes = 256;

    private const int LinesPerReport = 4096;

    /// <summary>
    /// Stores lines as a new version, without holding them in memory. Until it returns nothing of it is visible, and
    /// what an interrupted call leaves behind is collected later. Without SkipInvalid bad lines refuse the whole
    /// (Value.Version is null then). Refused: ListNotFound, VersionNotFound (to change), Invalid (no entry at all),
    /// NotAPerson (where the list needs two).
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="lines">Read once, to the end.</param>
    /// <param name="options">Source and what to do with bad lines.</param>
    /// <param name="progress">Lines taken so far; null for none.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public async Task<CatalogResult<StageResult>> StageAsync(
        string name,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(options);
        if (EntryGuard.TextProblem("source", options.Source, MaxSourceBytes) is { } problem)
        {
            return Refusal.Of<StageResult>(CatalogError.Invalid, problem, "source");
        }

        CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return Refusal.Of<StageResult>(read.Error, read.Message, read.Field);
        }

        if (NobodyProblem<StageResult>(read.Value, options.OnBehalfOf ?? Actor) is { } nobody)
        {
            return nobody;
        }

        BlobWriter writer = new(_store, name);
        try
        {
            CatalogResult<StageResult> staged = await StageAsync(
                read.Value, writer, lines, options, progress, cancellation).ConfigureAwait(false);
            if (staged.Value?.Version is null)
            {
                await writer.AbandonAsync().ConfigureAwait(false);
            }

            return staged;
        }
        catch
        {
            await writer.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<CatalogResult<StageResult>> StageAsync(
        HashList list,
        BlobWriter writer,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        VersionManifest? onto = null;
        if (options.OntoVersion != 0)
        {
            if (list.Find(options.OntoVersion) is not { } changed)
            {
                return Refusal.VersionNotFound<StageResult>(list.Name, options.OntoVersion);
            }

            onto = await ReadManifestAsync(list, changed, cancellation).ConfigureAwait(false);
        }

        VersionStager stager = new(writer, Limits, onto);
        using EntryGuards guards = await GuardsOfAsync(list, options.Force, cancellation).ConfigureAwait(false);
        BadLines bad = new(MaxErrors);
        LeftOutCounts leftOut = new();
        await TakeAsync(stager, guards, bad, leftOut, lines, options, progress, cancellation).ConfigureAwait(false);
        if (bad.Count > 0 && !options.SkipInvalid)
        {
            return new StageResult(null, bad.First, bad.Count);
        }

        if (stager.IsEmpty && !options.AllowEmpty)
        {
            return Refusal.Of<StageResult>(CatalogError.Invalid, WhyEmpty(bad, leftOut));
        }

        await stager.SealAsync(cancellation).ConfigureAwait(false);
        ListVersion described = new()
        {
            Number = 0,
            State = VersionState.Staged,
            Entries = new EntryCounts(),
            Skipped = bad.Count,
            LeftOut = leftOut.All,
            CreatedAt = _time.GetUtcNow(),
            Source = options.Source,
            StagedBy = options.OnBehalfOf ?? Actor,
            BasedOn = options.OntoVersion,
            ManifestId = "",
        };
        Draft draft = new(list, described, guards.Passed.Line("staged"));
        CatalogResult<HashList> listed =
            await ListSharedAsync(draft, stager, options.OntoVersion, cancellation).ConfigureAwait(false)
            ?? await ListWholeAsync(draft, stager, writer, options.AllowEmpty, cancellation).ConfigureAwait(false);
        if (!listed.IsOk)
        {
            return Refusal.Of<StageResult>(listed.Error, listed.Message, listed.Field);
        }

        await stager.ClearAsync(cancellation).ConfigureAwait(false);
        return new StageResult(listed.Value.Versions[0], bad.First, bad.Count);
    }

    private static async Task TakeAsync(
        VersionStager stager,
        EntryGuards guards,
        BadLines bad,
        LeftOutCounts leftOut,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        long taken = 0;
        await foreach (ListLine line in lines.WithCancellation(cancellation).ConfigureAwait(false))
        {
            string? problem = ProblemOf(line, guards);
            if (problem is null && line.LeftOut is not null)
            {
                leftOut.Add(line.LeftOut);
            }
            else if (problem is null && (options.SkipInvalid || bad.Count == 0) && !stager.TryTake(line))
            {
                problem = await stager.TakeAsync(line, cancellation).ConfigureAwait(false);
            }

            if (problem is not null)
            {
                bad.Add(new HashListError(line.Line, problem));
            }

            if (++taken % LinesPerReport == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(taken);
            }
        }

        progress?.Report(taken);
    }

    private static string? ProblemOf(in ListLine line, EntryGuards guards) =>
        line.Entry is not null ? guards.Problem(line.Entry)
        : line.Error is not null ? line.Error
        : line.Removed is { } key ? (Enum.IsDefined(key.Type) ? null : $"type must be {TypeNames.All}")
        : line.LeftOut is null && line.Record is null ? "there is no entry"
        : null;

    private static string WhyEmpty(BadLines bad, LeftOutCounts leftOut)
    {
        string kept = leftOut.All is { } all
            ? $"; left out: {string.Join(", ", all.Select(item => $"{item.Count} {item.Type}"))}"
            : "";
        return bad.Count == 0
            ? $"there is no entry at all{kept}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"there is no good entry; {bad.Count} bad ones, line {bad.First[0].Line}: {bad.First[0].Reason}{kept}");
    }

    private static async Task<(string Id, string Digest)> WriteManifestAsync(
        BlobWriter writer, VersionManifest manifest, CancellationToken cancellation)
    {
        byte[] json = ListDocument.Encode(manifest);
        byte[] rented = ArrayPool<byte>.Shared.Rent(json.Length);
        json.CopyTo(rented, 0);
        string id = BlobWriter.NewId();
        await writer.WriteAsync(id, rented, json.Length, cancellation).ConfigureAwait(false);
        await writer.FlushAsync().ConfigureAwait(false);
        return (id, AuditRecord.DigestOf(json));
    }

    // Catches a store that drops blobs under memory pressure before a document names them.
    private async Task CheckStoredAsync(
        string name, VersionManifest manifest, string manifestId, CancellationToken cancellation)
    {
        IReadOnlyList<StoredBlob> blobs = await _store.ReadBlobsAsync(name, cancellation).ConfigureAwait(false);
        HashSet<string> stored = [.. blobs.Select(blob => blob.Id)];
        int missing = manifest.Base.Concat(manifest.Deltas).Select(segment => segment.Id).Append(manifestId)
            .Count(id => !stored.Contains(id));
        if (missing > 0)
        {
            throw new StoreCorruptException(
                $"The store lost {missing} blobs of list {name}.");
        }
    }
}
