using System.Buffers;
using System.Globalization;
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
    /// (Value.Version is null then). Refused: ListNotFound, VersionNotFound (to change), Invalid (no entry at all).
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
        BadLines bad = new(MaxErrors);
        LeftOutCounts leftOut = new();
        await TakeAsync(stager, bad, leftOut, lines, options, progress, cancellation).ConfigureAwait(false);
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
            ManifestId = "",
        };
        CatalogResult<HashList> listed =
            await ListSharedAsync(list, stager, described, options.OntoVersion, cancellation).ConfigureAwait(false)
            ?? await ListWholeAsync(list, stager, writer, described, options.AllowEmpty, cancellation)
                .ConfigureAwait(false);
        if (!listed.IsOk)
        {
            return Refusal.Of<StageResult>(listed.Error, listed.Message, listed.Field);
        }

        await stager.ClearAsync(cancellation).ConfigureAwait(false);
        return new StageResult(listed.Value.Versions[0], bad.First, bad.Count);
    }

    // Null when there is little to share, or what is shared went away meanwhile: then the version needs all of its own.
    private async Task<CatalogResult<HashList>?> ListSharedAsync(
        HashList list, VersionStager stager, ListVersion described, long onto, CancellationToken cancellation)
    {
        CatalogResult<HashList> now = await ReadAsync(list.Name, cancellation).ConfigureAwait(false);
        if (!now.IsOk || now.Value.Find(onto == 0 ? now.Value.ActiveVersion : onto) is not { } from)
        {
            return null;
        }

        BlobWriter edits = new(_store, list.Name);
        CatalogResult<HashList>? listed = null;
        try
        {
            VersionManifest stored = await ReadManifestAsync(now.Value, from, cancellation).ConfigureAwait(false);
            VersionManifest? manifest = await stager.EditAsync(stored, edits, cancellation).ConfigureAwait(false);
            if (manifest is { Entries.Total: > 0 })
            {
                listed = await ListAsync(list, edits, manifest, Counted(described, stager), from, cancellation)
                    .ConfigureAwait(false);
            }
        }
        catch (StoreCorruptException)
        {
            // Gone, or broken: the version is made without it.
        }
        finally
        {
            if (listed is not { IsOk: true })
            {
                await edits.AbandonAsync().ConfigureAwait(false);
            }
        }

        return listed is { IsOk: false, Error: CatalogError.LostRace } ? null : listed;
    }

    private async Task<CatalogResult<HashList>> ListWholeAsync(
        HashList list,
        VersionStager stager,
        BlobWriter writer,
        ListVersion described,
        bool allowEmpty,
        CancellationToken cancellation)
    {
        VersionManifest manifest = await stager.WriteAsync(cancellation).ConfigureAwait(false);
        return manifest.Entries.Total == 0 && !allowEmpty
            ? Refusal.Of<HashList>(CatalogError.Invalid, "every entry is withdrawn: none is left")
            : await ListAsync(list, writer, manifest, Counted(described, stager), null, cancellation)
                .ConfigureAwait(false);
    }

    private static ListVersion Counted(ListVersion version, VersionStager stager) =>
        version with { Duplicates = stager.Duplicates, Removed = stager.Removed };

    // Segments of a version stay for as long as a version of the list names them: it must be there when this one is
    // listed.
    private async Task<CatalogResult<HashList>> ListAsync(
        HashList list,
        BlobWriter writer,
        VersionManifest manifest,
        ListVersion described,
        ListVersion? shared,
        CancellationToken cancellation)
    {
        string manifestId = await WriteManifestAsync(writer, manifest, cancellation).ConfigureAwait(false);
        await CheckStoredAsync(list.Name, manifest, manifestId, cancellation).ConfigureAwait(false);
        ListVersion version = described with { Entries = manifest.Entries, ManifestId = manifestId };
        writer.MayBeNamed = true;
        CatalogResult<HashList> listed = await ChangeAsync(
            list.Name,
            "staged",
            now => now.Id != list.Id ? Refusal.ListNotFound<HashList>(list.Name)
                : shared is not null && now.Find(shared.Number)?.ManifestId != shared.ManifestId
                    ? Refusal.LostRace<HashList>(list.Name, $"no longer has version {shared.Number}")
                : now.Stage(version),
            cancellation).ConfigureAwait(false);
        writer.MayBeNamed = listed.IsOk;
        return listed;
    }

    private static async Task TakeAsync(
        VersionStager stager,
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
            string? problem = ProblemOf(line);
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

    private static string? ProblemOf(in ListLine line) =>
        line.Entry is not null ? EntryGuard.Problem(line.Entry)
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

    private static async Task<string> WriteManifestAsync(
        BlobWriter writer, VersionManifest manifest, CancellationToken cancellation)
    {
        byte[] json = ListDocument.Encode(manifest);
        byte[] rented = ArrayPool<byte>.Shared.Rent(json.Length);
        json.CopyTo(rented, 0);
        string id = BlobWriter.NewId();
        await writer.WriteAsync(id, rented, json.Length, cancellation).ConfigureAwait(false);
        await writer.FlushAsync().ConfigureAwait(false);
        return id;
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
