using System.Globalization;
using System.Text;
using HashMatch.Exchanges;
using HashMatch.IntegrationTests.Lists;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <content>What records vouch for beside themselves: content of versions, exchanges.</content>
public abstract partial class AuditContract
{
    [Fact]
    public async Task A_manifest_or_segment_that_is_flipped_replaced_or_deleted_is_found_and_the_record_named()
    {
        ListCatalog catalog = CatalogOf("alice");
        await LoadAsync(catalog, "good", SampleEntries.Make(seed: 81, 40));
        await LoadAsync(catalog, "a", SampleEntries.Make(seed: 82, 40));
        await LoadAsync(catalog, "forged", SampleEntries.Make(seed: 83, 40));
        Assert.Equal((3L, 3L), await CoveredAsync());
        (ListVersion version, SegmentRef segment) = await OnlyVersionAsync("a");
        (ListVersion forged, SegmentRef other) = await OnlyVersionAsync("forged");
        byte[] manifest = (await Store.ReadBlobAsync("forged", forged.ManifestId, Cancellation))!;

        // Content that is valid by itself, under the names that the list knows: its own rows, or those of another list.
        byte[] segmentOfOther = (await Store.ReadBlobAsync("forged", other.Id, Cancellation))!;
        await Store.WriteBlobAsync("a", other.Id, segmentOfOther, Cancellation);
        foreach ((string id, byte[] replaced, string what) in new[]
        {
            (version.ManifestId, manifest, "SHA-256"),
            (segment.Id, segmentOfOther, segment.Id),
        })
        {
            byte[] own = (await Store.ReadBlobAsync("a", id, Cancellation))!;
            byte[] flipped = [.. own];
            flipped[own.Length / 2] ^= 1;
            await PutBlobAsync("a", id, flipped);
            await NamedAloneAsync(6, id);
            await PutBlobAsync("a", id, replaced);
            await NamedAloneAsync(6, what);
            await Store.DeleteBlobsAsync("a", [id], Cancellation);
            await NamedAloneAsync(6, "missing");
            await PutBlobAsync("a", id, own);
            await WholeAsync();
        }
    }

    [Fact]
    public async Task A_segment_with_the_checksum_that_its_manifest_names_is_found_by_its_digest_and_not_activated()
    {
        ListCatalog catalog = CatalogOf("alice");
        Ok(await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation));
        await StageAsync(catalog, "a", SampleEntries.Make(seed: 84, 40));
        await LoadAsync(catalog, "forged", SampleEntries.Make(seed: 85, 40));
        StoredList stored = (await Store.ReadListAsync("a", Cancellation))!;
        (ListVersion version, SegmentRef segment) = await OnlyVersionAsync("a");
        (_, SegmentRef other) = await OnlyVersionAsync("forged");
        byte[] rows = (await Store.ReadBlobAsync("forged", other.Id, Cancellation))!;

        // XxHash128 is no obstacle to a person. Here the manifest's checksum is made to fit, and the list's document
        // with it, so that the segment's digest alone is left to tell.
        await PutBlobAsync("a", segment.Id, rows);
        VersionManifest manifest = ListDocument.DecodeManifest(
            await Store.ReadBlobAsync("a", version.ManifestId, Cancellation), version);
        byte[] fitted = ListDocument.Encode(manifest with
        {
            Base = [other with { Id = segment.Id, Digest = segment.Digest }],
        });
        await PutBlobAsync("a", version.ManifestId, fitted);
        await NamedAloneAsync(2, version.ManifestId);
        HashList list = ListDocument.Decode(stored);
        list = list with
        {
            Versions = [version with { ManifestDigest = AuditRecord.DigestOf(fitted) }],
        };
        await SetDocumentAsync("a", ListDocument.Encode(list).Document.ToArray());
        AuditReport report = await VerifyAsync(null);
        Assert.Contains(report.Faults, fault => fault.First == 2
            && fault.What.Contains($"{segment.Id} is not what was written: its SHA-256", StringComparison.Ordinal));
        Assert.Contains(report.Faults, fault => fault.What.Contains("behind the log", StringComparison.Ordinal));
        CatalogResult<HashList> activated = await catalog.ActivateAsync("a", 1, null, Cancellation);
        Assert.False(activated.IsOk);
        Assert.Contains("SHA-256", activated.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_versions_and_shared_segments_are_covered_and_each_is_read_once()
    {
        ListCatalog catalog = CatalogOf("alice");
        HashEntry[] entries = SampleEntries.Make(seed: 86, 300);
        await LoadAsync(catalog, "a", entries);
        Ok(await catalog.AddEntriesAsync("a", SampleEntries.Make(seed: 87, 2), Cancellation));
        Ok(await catalog.ActivateAsync("a", await StageAsync(catalog, "a", [.. entries[5..]]), null, Cancellation));
        long[] numbers = [.. Ok(await catalog.ReadAsync("a", Cancellation)).Versions.Select(each => each.Number)];
        Assert.Equal([3, 2, 1], numbers);
        (ListVersion first, SegmentRef shared) = await OnlyVersionAsync("a");
        (long versions, long segments) = await CoveredAsync();
        Assert.Equal(numbers.Length, versions);
        Assert.InRange(segments, 2, 4);

        // Every version that shares it is another one now.
        await Store.DeleteBlobsAsync("a", [shared.Id], Cancellation);
        AuditReport report = await VerifyAsync(null);
        Assert.Equal(
            [1, 2, 3],
            report.Faults.Select(fault => int.Parse(fault.What.Split(' ')[1], CultureInfo.InvariantCulture)).Order());
        Assert.All(report.Faults, fault => Assert.Equal(6, fault.First));
        Assert.Equal(1, first.Number);
    }

    [Fact]
    public async Task What_was_written_before_digests_is_loaded_and_named_as_not_vouched_for()
    {
        ListCatalog catalog = CatalogOf("alice");
        HashEntry[] entries = SampleEntries.Make(seed: 88, 40);
        await LoadAsync(catalog, "a", entries);
        await OlderAsync("a");
        AuditReport report = await WholeAsync();
        Assert.Equal((1L, 1L), (report.Content!.Versions, report.Content.UnstatedCount));
        Assert.Contains("Version 1 of list:a", report.Content.Unstated[0], StringComparison.Ordinal);
        Assert.Equal(entries.Length, (await StoredContent.ReadAsync(Store, "a", Cancellation))!.Length);

        // A version that shares its segments states what is its own.
        Ok(await catalog.AddEntriesAsync("a", SampleEntries.Make(seed: 89, 2), Cancellation));
        report = await WholeAsync();
        Assert.Contains(report.Content!.Unstated, what =>
            what.StartsWith("1 of 2 segments of version 2 of list:a", StringComparison.Ordinal));

        // Accidents are found all the same.
        (ListVersion version, SegmentRef segment) = await OnlyVersionAsync("a");
        await Store.DeleteBlobsAsync("a", [segment.Id, version.ManifestId], Cancellation);
        report = await VerifyAsync(null);
        Assert.Equal(2, report.FaultCount);
        Assert.All(report.Faults, fault => Assert.Contains("missing", fault.What, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exchange_that_is_changed_added_or_removed_behind_the_log_is_found_and_named()
    {
        ExchangeCatalog exchanges = new ExchangeCatalog(Store).As("carol");
        ExchangeDefinition definition = new() { Kind = ExchangeKind.Ncmec, List = "a", Members = ["1"] };
        Assert.Null(await exchanges.AddAsync("x", definition, Cancellation));
        Assert.Null(await exchanges.SetAsync("x", old => old with { Members = ["2"] }, Cancellation));
        await WholeAsync();

        // A run keeps its place there and makes no record.
        StoredExchange stored = (await exchanges.ReadAsync("x", Cancellation))!;
        StoredExchange run = stored with
        {
            State = stored.State with { Owner = "server", Checkpoint = "c", LastError = "definition" },
            Revision = stored.Revision + 1,
        };
        Assert.True(await exchanges.TryWriteAsync(run, stored.Revision, Cancellation));
        await WholeAsync();
        StoredDocument own = (await Store.ReadDocumentAsync(ExchangeCatalog.Group, "x", Cancellation))!;
        string text = Encoding.UTF8.GetString(own.Content.Span);
        string[] forgeries =
        [
            text.Replace("[\"2\"]", "[\"3\"]", StringComparison.Ordinal),
            text.Replace("\"carol\"", "\"mallory\"", StringComparison.Ordinal),
            text.Replace("\"definedBy\":\"carol\",", "", StringComparison.Ordinal),
            string.Concat(text.AsSpan(0, text.Length - 1), ",\"d\\u0065finedBy\":\"mallory\"}"),
            "{}",
            "[1]",
            "none",
        ];
        long revision = own.Revision;
        foreach (string forged in forgeries)
        {
            Assert.NotEqual(text, forged);
            Assert.True(await Store.TryWriteDocumentAsync(
                own with { Content = Encoding.UTF8.GetBytes(forged), Revision = revision + 1 }, revision++,
                Cancellation));
            await NamedAloneAsync(2, "exchanges:x");
        }

        Assert.True(await Store.TryDeleteDocumentAsync(ExchangeCatalog.Group, "x", revision, Cancellation));
        await NamedAloneAsync(2, "exchanges:x");
        Assert.True(await Store.TryWriteDocumentAsync(own with { Revision = 1 }, 0, Cancellation));
        await WholeAsync();
        Assert.True(await Store.TryWriteDocumentAsync(own with { Key = "evil", Revision = 1 }, 0, Cancellation));
        await NamedAloneAsync(0, "exchanges:evil has no record");
        Assert.True(await Store.TryDeleteDocumentAsync(ExchangeCatalog.Group, "evil", 1, Cancellation));
        Assert.True(await exchanges.RemoveAsync("x", Cancellation));
        await WholeAsync();
        Assert.True(await Store.TryWriteDocumentAsync(own with { Revision = 1 }, 0, Cancellation));
        await NamedAloneAsync(3, "exchanges:x");
    }

    [Fact]
    public async Task An_exchange_whose_record_says_nothing_of_its_state_is_named_as_not_vouched_for()
    {
        // As records of exchanges were: of a group whose records name no state.
        ExchangeCatalog exchanges = new ExchangeCatalog(Store).As("carol");
        var definition = new ExchangeDefinition { Kind = ExchangeKind.Ncmec, List = "a" };
        Assert.Null(await exchanges.AddAsync("x", definition, Cancellation));
        AuditRecord record = AuditRecord.Decode((await Store.ReadAuditAsync(0, 1, Cancellation))[0].Record.Span)!;
        record = record with { State = "" };
        record = record with { Hash = record.ComputeHash() };
        await ReplaceAsync(1, record.Encode());
        await SetHeadAsync(record.Head.ToString());
        await SetNamedAsync("exchanges", "x", record.Head.ToString());
        AuditReport report = await WholeAsync();
        Assert.Contains("exchanges:x", Assert.Single(report.Content!.Unstated), StringComparison.Ordinal);
        Assert.True(await Store.TryDeleteDocumentAsync(ExchangeCatalog.Group, "x", 1, Cancellation));
        await NamedAloneAsync(1, "exchanges:x");
    }

    [Fact]
    public async Task A_flipped_record_is_named_alone_by_what_comes_after_it_and_by_what_it_left()
    {
        ListCatalog catalog = CatalogOf("alice");
        await LoadAsync(catalog, "a", SampleEntries.Make(seed: 90, 10));
        await LoadAsync(catalog, "b", SampleEntries.Make(seed: 91, 10));
        Ok(await catalog.UpdateAsync("a", new ListUpdate { Description = "x" }, Cancellation));
        byte[][] records = [.. (await Store.ReadAuditAsync(0, 10, Cancellation)).Select(r => r.Record.ToArray())];
        Assert.Equal(7, records.Length);
        for (int number = 1; number <= records.Length; number++)
        {
            byte[] flipped = [.. records[number - 1]];
            flipped[40] ^= 1;
            await ReplaceAsync(number, flipped);
            await NamedAloneAsync(number, $"Record {number} is not what was written");
            await DeleteAsync(number);
            AuditReport report = await VerifyAsync(null);
            Assert.NotEmpty(report.Faults);
            Assert.All(report.Faults, fault => Assert.Equal((number, number), (fault.First, fault.Last)));
            await ReplaceAsync(number, records[number - 1]);
        }
    }

    [Fact]
    public async Task A_store_that_only_its_own_changes_touched_is_whole_whatever_they_were()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        ListCatalog catalog = CatalogOf("alice");
        ExchangeCatalog exchanges = new ExchangeCatalog(Store).As("carol");
        HashEntry[] pool = SampleEntries.Make(seed, 400);
        for (int step = 0; step < 60; step++)
        {
            string name = $"l{random.Next(3)}";
            HashList? list = (await catalog.ReadAsync(name, Cancellation)).Value;
            long old = list?.Versions.Count > 0 ? list.Versions[random.Next(list.Versions.Count)].Number : 1;
            int from = random.Next(pool.Length - 60);
            switch (random.Next(9))
            {
                case 0:
                    await catalog.CreateAsync(name, "", new MatchPolicy(), Cancellation);
                    break;
                case 1 or 2 when list is not null:
                    await StageAsync(catalog, name, pool[from..(from + 60)]);
                    break;
                case 3:
                    await catalog.ActivateAsync(name, old, null, force: true, Cancellation);
                    break;
                case 4:
                    await catalog.AddEntriesAsync(name, pool[from..(from + random.Next(1, 9))], Cancellation);
                    break;
                case 5:
                    await catalog.RollBackAsync(name, null, null, Cancellation);
                    break;
                case 6:
                    await catalog.DeleteVersionAsync(name, old, Cancellation);
                    break;
                case 7 when random.Next(4) == 0:
                    await catalog.DeleteAsync(name, null, Cancellation);
                    break;
                case 8:
                    await ChangeAsync(exchanges, name, random);
                    break;
            }
        }

        AuditReport report = await WholeAsync();
        Assert.Empty(report.Content!.Unstated);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Records} records, {report.Content}");
    }

    [Fact]
    public async Task A_store_that_is_changed_while_it_is_verified_is_whole()
    {
        const int Changes = 10;
        ListCatalog catalog = CatalogOf("alice");
        HashEntry[] entries = SampleEntries.Make(seed: 92, 400);
        await LoadAsync(catalog, "a", entries);
        int made = 0;
        bool isVerified = false;
        Task changing = Task.Run(
            async () =>
            {
                // Edits delete the oldest of their kind with what they held alone; so does who deletes a version.
                while (!Volatile.Read(ref isVerified))
                {
                    Ok(await catalog.AddEntriesAsync(
                        "a", [entries[made % 400] with { Note = $"{made}" }], Cancellation));
                    long staged = await StageAsync(catalog, "a", entries[(made % 300)..]);
                    Ok(await catalog.DeleteVersionAsync("a", staged, Cancellation));
                    Interlocked.Increment(ref made);
                }
            },
            Cancellation);
        while (Volatile.Read(ref made) < Changes && !changing.IsCompleted)
            await WholeAsync();
        Volatile.Write(ref isVerified, true);
        await changing;
    }

    private static async Task ChangeAsync(ExchangeCatalog exchanges, string name, Random random)
    {
        ExchangeDefinition definition = new() { Kind = ExchangeKind.Ncmec, List = name };
        if (await exchanges.AddAsync(name, definition, Cancellation) is null)
            return;
        if (random.Next(3) == 0)
        {
            await exchanges.RemoveAsync(name, Cancellation);
            return;
        }

        await exchanges.SetAsync(name, old => old with { Members = [$"{random.Next(9)}"] }, Cancellation);
        StoredExchange stored = (await exchanges.ReadAsync(name, Cancellation))!;
        StoredExchange run = stored with
        {
            State = stored.State with { Owner = $"{random.Next()}", NextRunAt = DateTimeOffset.UnixEpoch },
            Revision = stored.Revision + 1,
        };
        Assert.True(await exchanges.TryWriteAsync(run, stored.Revision, Cancellation));
    }

    private async Task<(long Versions, long Segments)> CoveredAsync()
    {
        AuditContent content = (await WholeAsync()).Content!;
        Assert.Empty(content.Unstated);
        Assert.True(content.Bytes > 0);
        return (content.Versions, content.Segments);
    }

    // Its first version, which is a single segment.
    private async Task<(ListVersion Version, SegmentRef Segment)> OnlyVersionAsync(string name)
    {
        HashList list = ListDocument.Decode((await Store.ReadListAsync(name, Cancellation))!);
        ListVersion version = list.Find(1)!;
        VersionManifest manifest = ListDocument.DecodeManifest(
            await Store.ReadBlobAsync(name, version.ManifestId, Cancellation), version);
        Assert.Empty(manifest.Deltas);
        return (version, Assert.Single(manifest.Base));
    }

    private async Task PutBlobAsync(string list, string id, byte[] blob)
    {
        await Store.DeleteBlobsAsync(list, [id], Cancellation);
        await Store.WriteBlobAsync(list, id, blob, Cancellation);
    }

    // The list as builds wrote it that knew nothing of digests, by a change that has its record.
    private async Task OlderAsync(string name)
    {
        (ListVersion version, SegmentRef segment) = await OnlyVersionAsync(name);
        VersionManifest manifest = ListDocument.DecodeManifest(
            await Store.ReadBlobAsync(name, version.ManifestId, Cancellation), version);
        await PutBlobAsync(
            name, version.ManifestId, ListDocument.Encode(manifest with { Base = [segment with { Digest = null }] }));
        HashList list = ListDocument.Decode((await Store.ReadListAsync(name, Cancellation))!);
        StoredList older = ListDocument.Encode(list with
        {
            Versions = [version with { ManifestDigest = null }],
            Revision = list.Revision + 1,
        });
        Assert.DoesNotContain("igest", Encoding.UTF8.GetString(older.Document.Span), StringComparison.Ordinal);
        Assert.True(await Store.TryWriteListAsync(
            older, list.Revision, new ListChange(name, older.Revision, "updated", list.UpdatedAt), Cancellation));
    }

    private protected async Task NamedAloneAsync(long number, string what)
    {
        AuditReport report = await VerifyAsync(null);
        AuditFault fault = Assert.Single(report.Faults);
        Assert.Equal((number, number), (fault.First, fault.Last));
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
    }
}
