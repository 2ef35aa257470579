using System.Diagnostics;
using CsCheck;
using HashMatch.Imaging;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class MutationTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { MaxPixels = 4_000_000, Timeout = Deadline });

    private static readonly EncodedPicture[] Pictures = [.. Encodings.All.Values];

    [Fact]
    public void Mutated_files_give_a_status_and_never_an_exception() =>
        Gen.Select(
                Gen.Int[0, Pictures.Length - 1],
                Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 12])
            .Sample(
                (picture, changes) => Decode(Mutate(Pictures[picture].File, changes)),
                iter: 1500,
                threads: 2);

    [Fact]
    public void Mutated_headers_give_a_status_and_never_an_exception() =>
        Gen.Select(
                Gen.Int[0, Pictures.Length - 1],
                Gen.Select(Gen.Int[0, 96], Gen.Byte).Array[1, 4])
            .Sample(
                (picture, changes) => Decode(Mutate(Pictures[picture].File, changes)),
                iter: 1500,
                threads: 2);

    [Fact]
    public void Noise_behind_a_right_beginning_gives_a_status_and_never_an_exception() =>
        Gen.Select(Gen.Int[0, Pictures.Length - 1], Gen.Int[4, 64], Gen.Byte.Array[0, 400])
            .Sample(
                (picture, kept, noise) => Decode([.. Pictures[picture].File.AsSpan(0, kept), .. noise]),
                iter: 1500,
                threads: 2);

    private static byte[] Mutate(byte[] file, (int At, byte Value)[] changes)
    {
        byte[] mutated = [.. file];
        foreach ((int at, byte value) in changes)
        {
            mutated[at % mutated.Length] = value;
        }

        return mutated;
    }

    private static void Decode(byte[] file)
    {
        long start = Stopwatch.GetTimestamp();
        ImageHashes decoded =
            Decoder.Hash(file, Hashing.Fast, TestContext.Current.CancellationToken);
        Assert.True(Enum.IsDefined(decoded.Status));
        Assert.Equal(decoded.Status == DecodeStatus.Ok, decoded.Renditions.Count > 0);
        Assert.Equal(decoded.Status == DecodeStatus.Ok, decoded.Detail.Length == 0);
        Assert.True(Stopwatch.GetElapsedTime(start) < 2 * Deadline);
    }
}
