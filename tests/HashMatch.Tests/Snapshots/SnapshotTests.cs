using System.Buffers.Binary;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Tests.Matching;
using Xunit;

namespace HashMatch.Tests.Snapshots;

/// <summary>What is written as a snapshot comes back whole, or is not taken.</summary>
public sealed class SnapshotTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_exported_is_read_back_entry_by_entry_deltas_laid_over()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        Random random = new(7);
        HashEntry[] entries =
        [
            .. Enumerable.Range(0, 400).Select(i =>
                Samples.Entry(random, Samples.Type(random), $"id-{i}") with { Note = $"note {i}", Severity = "high" }),
        ];
        await fixture.LoadAsync("cases", entries);
        HashEntry added = Samples.Entry(random, HashType.Pdq, "added");
        CatalogFixture.Value(await fixture.Catalog.AddEntriesAsync("cases", [added], Token));
        CatalogFixture.Value(await fixture.Catalog.RemoveEntriesAsync("cases", [Samples.KeyOf(entries[5])], Token));
        HashList list = await fixture.ReadAsync("cases");

        using MemoryStream file = await ExportAsync(fixture, null, "cases");
        SnapshotCheck check = await CheckAsync(file, new SnapshotTrust { AllowUnsigned = true });
        Assert.Equal(SnapshotFault.None, check.Fault);
        SnapshotList head = Assert.Single(check.Lists);
        Assert.Equal(("cases", list.ActiveVersion), (head.Name, head.Version));
        Assert.Equal(list.Policy, head.Policy);
        file.Position = 0;
        using SnapshotReader reader = new(file);
        SnapshotList again = (await reader.NextListAsync(Token))!;
        Dictionary<EntryKey, HashEntry> read = [];
        await foreach (ListLine line in reader.ReadAsync(again, Token))
        {
            read.Add(Samples.KeyOf(line.Entry!), line.Entry!);
        }

        Assert.Null(await reader.NextListAsync(Token));
        Assert.Equal(check.Digest, reader.Digest);
        Assert.Equal(await fixture.EntriesAsync("cases", list.ActiveVersion), read);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_flipped_byte_passes(bool withKey)
    {
        using SigningKey key = SigningKey.Create();
        byte[] file = await SmallAsync(withKey ? key : null);
        SnapshotTrust trust = Trusting(withKey ? key : null);
        Assert.Equal(SnapshotFault.None, (await CheckAsync(file, trust)).Fault);
        for (int i = 0; i < file.Length; i++)
        {
            byte[] flipped = [.. file];
            flipped[i] ^= (byte)(1 << (i % 8));
            SnapshotCheck check = await CheckAsync(flipped, trust);
            Assert.True(check.Fault != SnapshotFault.None, $"byte {i} of {file.Length} was flipped unseen");
            Assert.Empty(check.Lists);
        }
    }

    [Fact]
    public async Task No_beginning_passes_and_nothing_behind_the_end()
    {
        using SigningKey key = SigningKey.Create();
        byte[] file = await SmallAsync(key);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.NotEqual(SnapshotFault.None, (await CheckAsync(file[..length], Trusting(key))).Fault);
        }

        Assert.Equal(SnapshotFault.Damaged, (await CheckAsync([.. file, 0], Trusting(key))).Fault);
        Assert.Equal(SnapshotFault.Damaged, (await CheckAsync([.. file, .. file], Trusting(key))).Fault);
    }

    [Fact]
    public async Task Frames_in_another_order_left_out_or_twice_do_not_pass()
    {
        // Long notes, so that so few entries are several segments.
        byte[][] frames = Frames(await SmallAsync(null, noteLength: 2500));
        byte[][] others = Frames(await SmallAsync(null, seed: 2, noteLength: 2500));
        Assert.True(frames.Length > 6, "two lists of several segments each");
        SnapshotTrust trust = new() { AllowUnsigned = true };
        Assert.Equal(SnapshotFault.None, (await CheckAsync([.. frames.SelectMany(f => f)], trust)).Fault);
        for (int i = 1; i < frames.Length; i++)
        {
            byte[][] less = [.. frames[..i], .. frames[(i + 1)..]];
            byte[][] twice = [.. frames[..i], frames[i], .. frames[i..]];
            byte[][] other = [.. frames[..i], others[Math.Min(i, others.Length - 1)], .. frames[(i + 1)..]];
            byte[][] swapped = [.. frames];
            (swapped[i - 1], swapped[i]) = (swapped[i], swapped[i - 1]);
            foreach (byte[][] wrong in new[] { less, twice, other, swapped })
            {
                Assert.NotEqual(
                    SnapshotFault.None, (await CheckAsync([.. wrong.SelectMany(f => f)], trust)).Fault);
            }
        }
    }

    [Fact]
    public async Task Only_what_a_trusted_key_signed_is_taken_when_there_is_one()
    {
        using SigningKey key = SigningKey.Create();
        using SigningKey other = SigningKey.Create();
        byte[] signed = await SmallAsync(key);
        byte[] plain = await SmallAsync(null);
        SnapshotTrust trust = new() { Keys = [other.Public, key.Public], AllowUnsigned = true };
        SnapshotCheck taken = await CheckAsync(signed, trust);
        Assert.Equal((SnapshotFault.None, key.Public.Id), (taken.Fault, taken.Signer));
        Assert.Equal(SnapshotFault.KeyNotTrusted, (await CheckAsync(signed, Trusting(other))).Fault);
        Assert.Equal(SnapshotFault.SignatureMissing, (await CheckAsync(plain, trust)).Fault);
        Assert.Equal(SnapshotFault.SignatureMissing, (await CheckAsync(plain, new SnapshotTrust())).Fault);
        Assert.Equal(SnapshotFault.None, (await CheckAsync(plain, Trusting(null))).Fault);
        SnapshotCheck anybody = await CheckAsync(signed, new SnapshotTrust());
        Assert.Equal((SnapshotFault.None, key.Public.Id), (anybody.Fault, anybody.Signer));
    }

    [Fact]
    public async Task A_signature_counts_for_its_own_content_and_key_alone()
    {
        using SigningKey key = SigningKey.Create();
        using SigningKey other = SigningKey.Create();
        byte[][] frames = Frames(await SmallAsync(key));
        byte[] foreign = Frames(await SmallAsync(key, seed: 2))[^1];
        Assert.Equal(
            SnapshotFault.Damaged,
            (await CheckAsync([.. frames[..^1].SelectMany(f => f), .. foreign], Trusting(key))).Fault);

        // The content's own digest, with the trusted key's name and another one's signature.
        byte[] seal = frames[^1][5..^16];
        byte[] forged = [.. seal.AsSpan(0, 96), .. other.Sign(SnapshotFormat.Sealed(seal.AsSpan(0, 64)))];
        byte[] frame = Frame(SnapshotFormat.SealKind, forged);
        Assert.Equal(
            SnapshotFault.SignatureWrong,
            (await CheckAsync([.. frames[..^1].SelectMany(f => f), .. frame], Trusting(key))).Fault);
        byte[] bare = [.. seal.AsSpan(0, 96), .. key.Sign(seal.AsSpan(0, 64))];
        Assert.Equal(
            SnapshotFault.SignatureWrong,
            (await CheckAsync(
                [.. frames[..^1].SelectMany(f => f), .. Frame(SnapshotFormat.SealKind, bare)], Trusting(key))).Fault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(uint.MaxValue)]
    public async Task Another_format_is_refused_by_its_number(uint format)
    {
        byte[] file = await SmallAsync(null);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), format);
        SnapshotCheck check = await CheckAsync(file, Trusting(null));
        Assert.Equal(SnapshotFault.NotASnapshot, check.Fault);
        Assert.Contains($"format {format}", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_frames_that_say_what_cannot_be_are_refused()
    {
        byte[][] frames = Frames(await SmallAsync(null));
        string json = System.Text.Encoding.UTF8.GetString(frames[1].AsSpan(5..^16));
        foreach (string wrong in new[]
        {
            "null", "[]", "{}", json.Replace("\"one\"", "\"../one\"", StringComparison.Ordinal),
            json.Replace("\"maxDistance\":31", "\"maxDistance\":64", StringComparison.Ordinal),
            json.Replace("\"pdq\":", "\"pdq\":1", StringComparison.Ordinal),
        })
        {
            Assert.NotEqual(json, wrong);
            byte[] head = Frame(SnapshotFormat.ListKind, System.Text.Encoding.UTF8.GetBytes(wrong));
            byte[][] file = [frames[0], head, .. frames[2..]];
            Assert.Equal(
                SnapshotFault.Damaged, (await CheckAsync([.. file.SelectMany(f => f)], Trusting(null))).Fault);
        }
    }

    [Fact]
    public async Task A_list_without_an_active_version_stops_an_export_before_it_begins()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("empty");
        using MemoryStream file = new();
        CatalogFixture.Refused(
            CatalogError.NoActiveVersion, await fixture.Catalog.ExportAsync(["empty"], file, null, null, Token));
        CatalogFixture.Refused(
            CatalogError.ListNotFound, await fixture.Catalog.ExportAsync(["none"], file, null, null, Token));
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public void Keys_survive_their_text_form_and_nothing_else_is_one()
    {
        using SigningKey key = SigningKey.Create();
        byte[] pem = key.ToPem();
        using SigningKey again = SigningKey.Read(pem)!;
        Assert.Equal(key.Public.Id, again.Public.Id);
        Assert.Equal(key.Public.Id, TrustedKey.Read(key.Public.ToPem())!.Id);
        Assert.Null(SigningKey.Read(key.Public.ToPem()));
        Assert.Null(TrustedKey.Read(pem));
        Assert.Null(SigningKey.Read([]));
        Assert.Null(TrustedKey.Read("no key"u8));
    }

    private static SnapshotTrust Trusting(SigningKey? key) =>
        key is null ? new SnapshotTrust { AllowUnsigned = true } : new SnapshotTrust { Keys = [key.Public] };

    /// <summary>Two lists of four entries.</summary>
    private static async Task<byte[]> SmallAsync(SigningKey? key, int seed = 1, int noteLength = 3)
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        Random random = new(seed);
        foreach (string name in new[] { "one", "two" })
        {
            await fixture.LoadAsync(name, Enumerable.Range(0, 4).Select(
                i => Samples.Entry(random, Samples.Type(random), $"id-{i}") with
                {
                    Note = new string('n', noteLength),
                }));
        }

        using MemoryStream file = await ExportAsync(fixture, key, "one", "two");
        return file.ToArray();
    }

    private static async Task<MemoryStream> ExportAsync(
        CatalogFixture fixture, SigningKey? key, params string[] names)
    {
        MemoryStream file = new();
        CatalogFixture.Value(await fixture.Catalog.ExportAsync(names, file, key, null, Token));
        file.Position = 0;
        return file;
    }

    private static Task<SnapshotCheck> CheckAsync(byte[] file, SnapshotTrust trust) =>
        CheckAsync(new MemoryStream(file), trust);

    private static Task<SnapshotCheck> CheckAsync(Stream file, SnapshotTrust trust) =>
        SnapshotReader.CheckAsync(file, trust, null, Token);

    /// <summary>The header, then each frame.</summary>
    private static byte[][] Frames(byte[] file)
    {
        List<byte[]> frames = [file[..12]];
        for (int at = 12; at < file.Length; at += frames[^1].Length)
        {
            frames.Add(file[at..(at + 5 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 1)) + 16)]);
        }

        return [.. frames];
    }

    private static byte[] Frame(byte kind, byte[] payload)
    {
        byte[] head = [kind, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(1), payload.Length);
        byte[] checksum = new byte[16];
        SnapshotFormat.Checksum(head, payload, checksum);
        return [.. head, .. payload, .. checksum];
    }
}
