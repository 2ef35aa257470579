using System.Security.Cryptography;
using System.Text;
using HashMatch.Matching.Recovery;
using Xunit;

namespace HashMatch.Tests.Recovery;

public sealed class SealedFileTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what a list holds");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_altered_anywhere_or_cut_off_or_renamed_is_none(bool encrypted)
    {
        using SnapshotKey? key = encrypted ? NewKey(1) : null;
        byte[] file = SealedFile.Encode("name", Content, key);
        Assert.Equal(SealedFile.LengthOf(Content.Length, key), file.Length);
        Assert.Equal(Content, SealedFile.Decode("name", file, key));
        for (int i = 0; i < file.Length; i++)
        {
            byte[] altered = [.. file];
            altered[i] ^= 1;
            Assert.Null(SealedFile.Decode("name", altered, key));
            Assert.Null(SealedFile.Decode("name", file.AsSpan(0, i), key));
        }

        Assert.Null(SealedFile.Decode("other", file, key));
        Assert.Null(SealedFile.Decode("name", [.. file, 0], key));
    }

    [Fact]
    public void What_is_encrypted_is_not_in_the_file_and_opens_with_its_own_key_alone()
    {
        using SnapshotKey key = NewKey(1);
        using SnapshotKey other = NewKey(2);
        byte[] file = SealedFile.Encode("name", Content, key);
        Assert.Equal(-1, file.AsSpan().IndexOf(Content.AsSpan(0, 8)));
        Assert.NotEqual(file, SealedFile.Encode("name", Content, key));
        Assert.Null(SealedFile.Decode("name", file, other));
        Assert.Null(SealedFile.Decode("name", file, null));
        Assert.Null(SealedFile.Decode("name", SealedFile.Encode("name", Content, null), key));
        Assert.NotEqual(key.Id, other.Id);
    }

    [Fact]
    public void A_key_is_read_raw_in_hex_and_in_base64_and_from_nothing_else()
    {
        byte[] raw = RandomNumberGenerator.GetBytes(SnapshotKey.KeyBytes);
        byte[] file = SealedFile.Encode("name", Content, SnapshotKey.Read([.. raw]));
        foreach (string text in (string[])
            [Convert.ToHexString(raw), Convert.ToHexStringLower(raw) + "\n", Convert.ToBase64String(raw) + "\r\n"])
        {
            using SnapshotKey? key = SnapshotKey.Read(Encoding.ASCII.GetBytes(text));
            Assert.Equal(Content, SealedFile.Decode("name", file, key));
        }

        byte[] given = [.. raw];
        SnapshotKey.Read(given)!.Dispose();
        Assert.All(given, b => Assert.Equal(0, b));
        Assert.Null(SnapshotKey.Read([]));
        Assert.Null(SnapshotKey.Read(raw[..31]));
        Assert.Null(SnapshotKey.Read(Encoding.ASCII.GetBytes(new string('g', 64))));
        Assert.Null(SnapshotKey.Read(Encoding.ASCII.GetBytes(Convert.ToBase64String(raw[..16]))));
    }

    private static SnapshotKey NewKey(byte seed)
    {
        byte[] raw = new byte[SnapshotKey.KeyBytes];
        raw[0] = seed;
        return SnapshotKey.Read(raw)!;
    }
}
