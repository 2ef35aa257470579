using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Snapshots;

/// <summary>
/// Reads a snapshot, one segment in memory at a time. What <see cref="ReadAsync"/> hands out is to be believed only
/// once <see cref="CheckAsync"/> has taken the whole file; a second reading must end with the same digest.
/// </summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly Stream _file;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly byte[] _head = new byte[SnapshotFormat.FrameHeadBytes];
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;
    private byte _kind;
    private byte[] _sum = [];
    private bool _begun;

    /// <param name="file">At its beginning; not owned.</param>
    public SnapshotReader(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
    }

    /// <summary>SHA-512 of the content in hex; empty until the end was reached.</summary>
    public string Digest => Convert.ToHexStringLower(_sum);

    /// <summary>Reads a file to its end, and says whether it is whole and signed as it must be.</summary>
    /// <param name="file">At its beginning.</param>
    /// <param name="trust">What is taken.</param>
    /// <param name="progress">Entries seen so far; null for none.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async Task<SnapshotCheck> CheckAsync(
        Stream file, SnapshotTrust trust, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trust);
        using SnapshotReader reader = new(file);
        List<SnapshotList> lists = [];
        try
        {
            long entries = 0;
            while (await reader.NextListAsync(cancellation).ConfigureAwait(false) is { } list)
            {
                if (lists.Exists(known => known.Name == list.Name))
                {
                    throw Damaged($"it holds list '{list.Name}' twice");
                }

                lists.Add(list);
                await foreach (ListSegment segment in reader.SegmentsAsync(list, cancellation).ConfigureAwait(false))
                {
                    progress?.Report(entries += segment.Rows);
                }
            }

            string? signer = reader.CheckSeal(trust);
            return lists.Count == 0
                ? SnapshotCheck.Refused(SnapshotFault.Damaged, "The snapshot is damaged: it holds no list.")
                : new SnapshotCheck(SnapshotFault.None, "", lists, signer, reader.Digest);
        }
        catch (SnapshotException fault)
        {
            return SnapshotCheck.Refused(fault.Fault, fault.Message);
        }
    }

    /// <summary>The next list; null at the end.</summary>
    /// <exception cref="IOException">The file is not one that <see cref="CheckAsync"/> takes.</exception>
    public async Task<SnapshotList?> NextListAsync(CancellationToken cancellation)
    {
        if (!_begun)
        {
            await ReadHeaderAsync(cancellation).ConfigureAwait(false);
            _begun = true;
            await ReadFrameAsync(cancellation).ConfigureAwait(false);
        }

        if (_kind == SnapshotFormat.SealKind)
        {
            return null;
        }

        return _kind == SnapshotFormat.ListKind ? ReadList() : throw Damaged("a segment belongs to no list");
    }

    /// <summary>The entries of the list that <see cref="NextListAsync"/> gave last, to their end.</summary>
    /// <exception cref="IOException">As of <see cref="NextListAsync"/>.</exception>
    public async IAsyncEnumerable<ListLine> ReadAsync(
        SnapshotList list, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(list);
        long line = 0;
        await foreach (ListSegment segment in SegmentsAsync(list, cancellation).ConfigureAwait(false))
        {
            for (int row = 0; row < segment.Rows; row++)
            {
                yield return new ListLine(++line, segment.EntryAt(row), null);
            }
        }

        foreach (LeftOutCount leftOut in list.LeftOut ?? [])
        {
            yield return new ListLine(line, null, null) { LeftOut = leftOut };
        }
    }

    public void Dispose() => _digest.Dispose();

    private static SnapshotException Damaged(string what) =>
        new(SnapshotFault.Damaged, $"The snapshot is damaged: {what}.");

    private async IAsyncEnumerable<ListSegment> SegmentsAsync(
        SnapshotList list, [EnumeratorCancellation] CancellationToken cancellation)
    {
        EntryKey? last = null;
        long[] counts = new long[(int)HashType.Sha256 + 1];
        await ReadFrameAsync(cancellation).ConfigureAwait(false);
        while (_kind == SnapshotFormat.SegmentKind)
        {
            ListSegment segment = ReadSegment();
            if (segment.HasTombstones || segment.First <= last)
            {
                throw Damaged($"segments of list '{list.Name}' are not in order");
            }

            last = segment.Last;
            foreach (HashType type in Enum.GetValues<HashType>())
            {
                counts[(int)type] += segment.Count(type);
            }

            yield return segment;
            await ReadFrameAsync(cancellation).ConfigureAwait(false);
        }

        if (Enum.GetValues<HashType>().Any(type => counts[(int)type] != list.Entries.Of(type)))
        {
            throw Damaged($"list '{list.Name}' has not as many entries as it says");
        }
    }

    private async Task ReadHeaderAsync(CancellationToken cancellation)
    {
        byte[] header = new byte[SnapshotFormat.HeaderBytes];
        int read = await _file.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
        if (read < header.Length || !header.AsSpan().StartsWith(SnapshotFormat.Magic))
        {
            throw new SnapshotException(SnapshotFault.NotASnapshot, "The file is not a snapshot of lists.");
        }

        uint format = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(SnapshotFormat.Magic.Length));
        if (format != SnapshotFormat.Current)
        {
            throw new SnapshotException(
                SnapshotFault.NotASnapshot,
                $"The snapshot has format {format}; this version of HashMatch reads {SnapshotFormat.Current}.");
        }

        _digest.AppendData(header);
    }

    // A seal is not part of what it seals: the digest ends before it.
    private async Task ReadFrameAsync(CancellationToken cancellation)
    {
        await FillAsync(_head, _head.Length, cancellation).ConfigureAwait(false);
        _kind = _head[0];
        _length = BinaryPrimitives.ReadInt32LittleEndian(_head.AsSpan(1));
        int max = _kind switch
        {
            SnapshotFormat.ListKind => SnapshotFormat.MaxListBytes,
            SnapshotFormat.SegmentKind => ListSegmentBuilder.MaxBytes,
            SnapshotFormat.SealKind => SnapshotFormat.SignedSealBytes,
            _ => throw Damaged("it holds something unknown"),
        };
        if (_length <= 0 || _length > max)
        {
            throw Damaged("a length is wrong");
        }

        int whole = _length + SnapshotFormat.ChecksumBytes;
        if (_buffer.Length < whole)
        {
            _buffer = new byte[whole];
        }

        await FillAsync(_buffer, whole, cancellation).ConfigureAwait(false);
        byte[] checksum = new byte[SnapshotFormat.ChecksumBytes];
        SnapshotFormat.Checksum(_head, _buffer.AsSpan(0, _length), checksum);
        if (!_buffer.AsSpan(_length, checksum.Length).SequenceEqual(checksum))
        {
            throw Damaged("a checksum is wrong");
        }

        if (_kind != SnapshotFormat.SealKind)
        {
            _digest.AppendData(_head);
            _digest.AppendData(_buffer.AsSpan(0, whole));
            return;
        }

        if (await _file.ReadAsync(new byte[1], cancellation).ConfigureAwait(false) != 0)
        {
            throw Damaged("something stands behind its end");
        }

        _sum = _digest.GetCurrentHash();
    }

    private async ValueTask FillAsync(byte[] buffer, int length, CancellationToken cancellation)
    {
        int read = await _file.ReadAtLeastAsync(
            buffer.AsMemory(0, length), length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (read < length)
        {
            throw Damaged("it is cut off");
        }
    }

    private SnapshotList ReadList()
    {
        try
        {
            SnapshotList list = JsonSerializer.Deserialize(
                _buffer.AsSpan(0, _length), SnapshotJson.Default.SnapshotList) ?? throw Damaged("a list is none");
            return ListCatalog.NameProblem(list.Name) is null && list.Policy.Problem() is null
                ? list
                : throw Damaged("a list has a name or a policy that no list can have");
        }
        catch (JsonException)
        {
            throw Damaged("a list cannot be read");
        }
    }

    private ListSegment ReadSegment()
    {
        try
        {
            return ListSegment.Decode(_buffer.AsSpan(0, _length), keepNotes: true);
        }
        catch (StoreCorruptException fault)
        {
            throw Damaged(fault.Message.TrimEnd('.'));
        }
    }

    private string? CheckSeal(SnapshotTrust trust)
    {
        ReadOnlySpan<byte> seal = _buffer.AsSpan(0, _length);
        if (seal.Length is not (SnapshotFormat.UnsignedSealBytes or SnapshotFormat.SignedSealBytes)
            || !seal[..SnapshotFormat.DigestBytes].SequenceEqual(_sum))
        {
            throw Damaged("its content is not what was written");
        }

        if (seal.Length == SnapshotFormat.UnsignedSealBytes)
        {
            return trust.Keys.Count == 0 && trust.AllowUnsigned
                ? null
                : throw new SnapshotException(SnapshotFault.SignatureMissing, "The snapshot is not signed.");
        }

        ReadOnlySpan<byte> raw = seal.Slice(SnapshotFormat.DigestBytes, SigningKey.PublicKeyBytes);
        TrustedKey? signer = TrustedKey.ReadRaw(raw);
        if (signer is null
            || !signer.Verifies(SnapshotFormat.Sealed(_sum), seal[(SnapshotFormat.DigestBytes + raw.Length)..]))
        {
            throw new SnapshotException(
                SnapshotFault.SignatureWrong, "The snapshot's signature is not that of its content.");
        }

        return trust.Keys.Count == 0 || trust.Keys.Any(key => key.Id == signer.Id)
            ? signer.Id
            : throw new SnapshotException(
                SnapshotFault.KeyNotTrusted, $"The snapshot is signed with key {signer.Id}, which is not trusted.");
    }
}
