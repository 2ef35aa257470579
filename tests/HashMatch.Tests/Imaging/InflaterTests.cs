using System.IO.Compression;
using CsCheck;
using HashMatch.Imaging.Png;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>The own inflater against the platform's zlib, over valid and damaged streams.</summary>
public sealed class InflaterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_zlib_deflates_comes_back() =>
        Gen.Select(
                Gen.Int[0, 6],
                Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, 400_000]),
                Gen.Int[0, 3],
                Gen.Int[1, 70_000],
                Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[1, 9000]),
                Gen.Int[0, int.MaxValue])
            .Sample(
                (kind, length, level, piece, chunkBytes, seed) =>
                {
                    byte[] data = Content(kind, length, new Random(seed));
                    byte[] stream = PngFile.Deflate(data, (CompressionLevel)level);
                    (InflateStatus status, byte[] inflated) = Inflate(stream, data.Length, piece, chunkBytes);
                    Assert.Equal(InflateStatus.Ok, status);
                    Assert.Equal(data, inflated);
                },
                iter: 1500,
                threads: 2);

    [Fact]
    public void A_damaged_stream_is_refused_exactly_when_zlib_refuses_it() =>
        Gen.Select(
                Gen.Int[0, 6],
                Gen.Int[1, 3000],
                Gen.Int[0, 3],
                Gen.Select(Gen.OneOf(Gen.Int[0, 80], Gen.Int[0, int.MaxValue]), Gen.Byte).Array[1, 3],
                Gen.Int[0, int.MaxValue])
            .Sample(
                (kind, length, level, changes, seed) =>
                {
                    byte[] data = Content(kind, length, new Random(seed));
                    byte[] stream = PngFile.Deflate(data, (CompressionLevel)level);
                    foreach ((int at, byte value) in changes)
                    {
                        stream[at % stream.Length] = value;
                    }

                    byte[]? expected = ByZlib(stream);
                    (InflateStatus status, byte[] inflated) =
                        Inflate(stream, Available(stream), 1 + (seed % 100), int.MaxValue);
                    Assert.Equal(expected is not null, status == InflateStatus.Ok);
                    Assert.True(expected is null || inflated.AsSpan().SequenceEqual(expected));
                },
                iter: 20_000,
                threads: 2);

    [Fact]
    public void A_stream_cut_anywhere_is_truncated()
    {
        for (int level = 0; level < 4; level++)
        {
            for (int kind = 0; kind < 7; kind++)
            {
                byte[] data = Content(kind, 2000, new Random(kind));
                byte[] stream = PngFile.Deflate(data, (CompressionLevel)level);
                for (int length = 0; length < stream.Length; length += 1 + (length / 40))
                {
                    (InflateStatus status, _) = Inflate(stream[..length], data.Length, 100, int.MaxValue);
                    Assert.True(status == InflateStatus.Truncated, $"level {level} kind {kind} at {length}: {status}");
                }
            }
        }
    }

    [Fact]
    public void More_output_than_is_due_is_left()
    {
        byte[] data = Content(2, 5000, new Random(1));
        (InflateStatus status, byte[] inflated) = Inflate(PngFile.Deflate(data), 4000, 1000, int.MaxValue);
        Assert.Equal(InflateStatus.Ok, status);
        Assert.Equal(data[..4000], inflated);
    }

    [Fact]
    public void A_cancelled_stream_says_so()
    {
        byte[] file = InChunks(PngFile.Deflate(new byte[1000]), int.MaxValue);
        using var inflater = new Inflater(new ImageDataReader(file, 0), 1000, 1000, new CancellationToken(true));
        Assert.Equal(InflateStatus.Cancelled, inflater.TryTake(1000, out _));
    }

    [Fact]
    public void The_checksum_is_zlibs_by_vectors_and_by_scalar() =>
        Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 2], Gen.UInt[0, 65520], Gen.UInt[0, 65520], Gen.Int[0, int.MaxValue])
            .Sample(
                (length, kind, low, high, seed) =>
                {
                    byte[] data = new byte[length];
                    new Random(seed).NextBytes(data);
                    if (kind == 0)
                    {
                        Array.Fill(data, byte.MaxValue);
                    }

                    (ulong a, ulong b) = (low, high);
                    foreach (byte next in data)
                    {
                        a = (a + next) % 65521;
                        b = (b + a) % 65521;
                    }

                    uint start = (high << 16) | low;
                    Assert.Equal((uint)((b << 16) | a), Adler32.Append(start, data, isVectored: false));
                    Assert.Equal((uint)((b << 16) | a), Adler32.Append(start, data));
                },
                iter: 2000,
                threads: 1);

    private static (InflateStatus Status, byte[] Inflated) Inflate(byte[] stream, int length, int piece, int chunkBytes)
    {
        byte[] file = InChunks(stream, chunkBytes);
        using var inflater = new Inflater(new ImageDataReader(file, 0), length, piece, Cancellation);
        var inflated = new List<byte>(length);
        while (inflated.Count < length)
        {
            int count = Math.Min(piece, length - inflated.Count);
            InflateStatus status = inflater.TryTake(count, out ReadOnlySpan<byte> bytes);
            if (status != InflateStatus.Ok)
            {
                return (status, []);
            }

            inflated.AddRange(bytes);
        }

        return (inflater.Finish(), [.. inflated]);
    }

    // Bytes that come before the stream ends or breaks, those of the piece that broke included.
    private static int Available(byte[] stream)
    {
        using var inflater = new Inflater(
            new ImageDataReader(InChunks(stream, int.MaxValue), 0), 1L << 40, 1, Cancellation);
        int available = 0;
        for (int failures = 0; failures < 2;)
        {
            if (inflater.TryTake(1, out _) == InflateStatus.Ok)
            {
                available++;
            }
            else
            {
                failures++;
            }
        }

        return available;
    }

    private static byte[] InChunks(byte[] stream, int chunkBytes) =>
        new PngFile(1, 1, 8, 0).AddData(stream, chunkBytes).ToArray()[33..];

    // Null where zlib throws, or does not come to an end.
    private static byte[]? ByZlib(byte[] stream)
    {
        try
        {
            // A stream that is whole is not touched by what follows; one that is not takes it for blocks of no type.
            using var compressed = new MemoryStream([.. stream, .. Enumerable.Repeat((byte)0xFF, 300)]);
            using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
            using var inflated = new MemoryStream();
            zlib.CopyTo(inflated);
            return HasWholeEnd(stream, inflated.ToArray()) ? inflated.ToArray() : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
    }

    // The platform's stream does not tell data that end early from data that end.
    private static bool HasWholeEnd(byte[] stream, byte[] inflated)
    {
        uint sum = Adler32.Append(1, inflated, isVectored: false);
        byte[] end = [(byte)(sum >> 24), (byte)(sum >> 16), (byte)(sum >> 8), (byte)sum];
        return stream.AsSpan().IndexOf(end) >= 0;
    }

    private static byte[] Content(int kind, int length, Random random)
    {
        byte[] data = new byte[length];
        switch (kind)
        {
            case 0:
                break;
            case 1:
                random.NextBytes(data);
                break;
            case 2:
                for (int i = 0; i < length; i++)
                {
                    data[i] = (byte)(random.Next(8) * random.Next(8));
                }

                break;
            case 3:
                for (int i = 0; i < length; i++)
                {
                    data[i] = i < 9 || random.Next(20) == 0 ? (byte)random.Next(256) : data[i - 1 - random.Next(8)];
                }

                break;
            case 4:
                for (int i = 0; i < length; i++)
                {
                    // Repeats from as far back as copies reach.
                    data[i] = i < 32_768 ? (byte)random.Next(256) : data[i - 32_768];
                }

                break;
            case 5:
                for (int i = 0; i < length; i++)
                {
                    // Levels that halve in frequency: codes as long as they get.
                    data[i] = (byte)System.Numerics.BitOperations.TrailingZeroCount(random.Next() | (1 << 24));
                }

                break;
            default:
                for (int i = 0; i < length; i++)
                {
                    data[i] = (byte)(i / 7);
                }

                break;
        }

        return data;
    }
}
