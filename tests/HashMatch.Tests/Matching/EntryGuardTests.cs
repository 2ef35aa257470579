using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class EntryGuardTests
{
    [Fact]
    public void Balanced_hashes_and_random_digests_pass()
    {
        Random random = new(21);
        for (int i = 0; i < 2000; i++)
        {
            Assert.Null(EntryGuard.Problem(Samples.Entry(random, Samples.Type(random), "id")));
        }
    }

    [Fact]
    public void Hashes_of_constant_pictures_are_refused_whatever_their_grey_and_size()
    {
        foreach (int side in (ReadOnlySpan<int>)[5, 64, 100])
        {
            using Luma luma = Luma.Allocate(side, side);
            for (int grey = 0; grey <= 255; grey++)
            {
                luma.Pixels.Fill(grey);
                PdqHash hash = PdqHasher.Hash(luma, PdqFidelity.Reference).Hash;
                Assert.NotNull(EntryGuard.Problem(Samples.Entry(hash)));
            }
        }
    }

    [Fact]
    public void Hashes_near_those_of_a_constant_picture_are_refused()
    {
        Random random = new(22);
        const string Hex = "0000ffff0000ffff113400000000ffff00000000ffff00000000ffff0000ffff";
        Assert.True(PdqHash.TryParse(Hex, out PdqHash blank));
        Assert.Contains("one colour", EntryGuard.Problem(Samples.Entry(blank)), StringComparison.Ordinal);
        Assert.NotNull(EntryGuard.Problem(Samples.Entry(Samples.Near(random, blank, EntryGuard.BlankDistance))));
        Assert.Null(EntryGuard.Problem(Samples.Entry(Samples.Near(random, blank, EntryGuard.BlankDistance + 1))));
    }

    [Theory]
    [InlineData(0, "all zeros")]
    [InlineData(63, "63 of 256")]
    [InlineData(193, "193 of 256")]
    [InlineData(256, "all ones")]
    public void Hashes_with_few_or_nearly_all_bits_are_refused(int bits, string reason)
    {
        PdqHash hash = Samples.Near(new Random(23), default, bits);
        Assert.Contains(reason, EntryGuard.Problem(Samples.Entry(hash)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HashType.Md5, "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData(HashType.Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData(HashType.Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Digests_of_nothing_are_refused(HashType type, string hex)
    {
        Assert.True(HashValue.TryParse(type, hex, out HashValue value));
        Assert.NotNull(EntryGuard.Problem(new HashEntry { Type = type, Value = value }));
        Assert.NotNull(EntryGuard.Problem(new HashEntry { Type = type, Value = default }));
    }

    [Fact]
    public void Broken_texts_are_refused_by_field()
    {
        HashEntry entry = Samples.Entry(new Random(24), HashType.Md5);
        Assert.Equal("note holds a NUL character", EntryGuard.Problem(entry with { Note = "a\0b" }));

        // An attribute's string is stored as UTF-8, which cannot hold half a surrogate pair.
        foreach (string broken in (string[])["a\ud800", "\udc00b", "\ud800\ud800"])
        {
            Assert.Equal("note is not valid Unicode", EntryGuard.Problem(entry with { Note = broken }));
            Assert.Equal("external_id is not valid Unicode", EntryGuard.Problem(entry with { ExternalId = broken }));
        }
    }

    [Fact]
    public void Texts_of_every_script_pass()
    {
        HashEntry entry = Samples.Entry(new Random(25), HashType.Md5);
        Assert.All(Texts.Zoo, text => Assert.Null(EntryGuard.Problem(entry with { ExternalId = text, Note = text })));
    }

    [Fact]
    public void A_type_that_is_none_is_refused() =>
        Assert.NotNull(EntryGuard.Problem(new HashEntry { Type = 0, Value = new HashValue(1, 2, 3, 4) }));
}
