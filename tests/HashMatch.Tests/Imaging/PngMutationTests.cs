using CsCheck;
using HashMatch.Imaging;
using HashMatch.Imaging.Png;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Damaged PNG files: a status, never an exception, and never a picture where libvips has another.</summary>
public sealed class PngMutationTests
{
    private static readonly byte[][] Files = [.. Encodings.All.Values
        .Where(picture => PngDecoder.CanDecode(picture.File)).Select(picture => picture.File)];

    [Fact]
    public void Mutated_files_give_a_status_and_never_an_exception() =>
        Gen.Select(
                Gen.Int[0, Files.Length - 1],
                Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 12])
            .Sample((file, changes) => Decode(Mutate(Files[file], changes, int.MaxValue)), iter: 6000, threads: 2);

    [Fact]
    public void Mutated_beginnings_give_a_status_and_never_an_exception() =>
        Gen.Select(
                Gen.Int[0, Files.Length - 1],
                Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 4])
            .Sample((file, changes) => Decode(Mutate(Files[file], changes, 200)), iter: 6000, threads: 2);

    [Fact]
    public void A_damaged_file_is_refused_or_has_the_pixels_that_libvips_sees() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[33, int.MaxValue], Gen.Byte)
            .Sample(
                (file, at, value) =>
                {
                    byte[] mutated = Mutate(Files[file], [(at, value)], int.MaxValue);
                    if (!PngDecoder.CanDecode(mutated) || Decode(mutated, out RecordingSink seen) != DecodeStatus.Ok)
                    {
                        return;
                    }

                    string name = $"file {file}, {value} at {at % mutated.Length} of {mutated.Length}";
                    if (PngOracle.Refuses(mutated))
                    {
                        // zlib refuses a copy from further back than the stream announced, even of the right bytes.
                        Decode(Files[file], out RecordingSink undamaged);
                        Assert.True(seen.Luma.SequenceEqual(undamaged.Luma), name);
                        return;
                    }

                    PngOracle.Compare(mutated, name);
                },
                iter: 1500,
                threads: 1);

    private static byte[] Mutate(byte[] file, (int At, byte Value)[] changes, int within)
    {
        byte[] mutated = [.. file];
        foreach ((int at, byte value) in changes)
        {
            mutated[at % Math.Min(within, mutated.Length)] = value;
        }

        return mutated;
    }

    private static DecodeStatus Decode(byte[] file) => Decode(file, out _);

    private static DecodeStatus Decode(byte[] file, out RecordingSink sink)
    {
        sink = new RecordingSink();
        CodecResult result = PngDecoder.Decode(
            file, new ImageLimits { MaxPixels = 4_000_000 }, sink, TestContext.Current.CancellationToken);
        Assert.True(Enum.IsDefined(result.Status));
        Assert.Equal(result.Status == DecodeStatus.Ok, result.Detail.Length == 0);
        Assert.True(result.Status != DecodeStatus.Ok || sink.Rows == sink.Shape.Height);
        return result.Status;
    }
}
