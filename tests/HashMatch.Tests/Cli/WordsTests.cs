using HashMatch.Cli;
using HashMatch.Cli.Commands;
using HashMatch.Cli.Output;
using HashMatch.Cli.Serving;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>The small rules behind what the tool says.</summary>
public sealed class WordsTests
{
    [Fact]
    public void Words_are_those_of_the_protos()
    {
        Assert.Equal("NO_KNOWN_MATCH", Words.Of(Outcome.NoKnownMatch));
        Assert.Equal("FLIPPED_MINUS_1", Words.Of(Orientation.FlippedMinus1));
        Assert.Equal("ROTATED_90", Words.Of(Orientation.Rotated90));
        Assert.Equal("SHA256", Words.Of(HashType.Sha256));
        Assert.Equal("VERSION_IS_ACTIVE", Words.Of(CatalogError.VersionIsActive));
        Assert.Equal("TOO_MANY_PIXELS", Words.Of(UnhashableReason.TooManyPixels));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 2, 2)]
    [InlineData(2, 1, 2)]
    [InlineData(2, 0, 2)]
    public void Any_match_wins_then_any_error(int first, int second, int exit) =>
        Assert.Equal(exit, MatchCommand.Worse(first, second));

    [Theory]
    [InlineData(Outcome.NoKnownMatch, 0)]
    [InlineData(Outcome.Exact, 2)]
    [InlineData(Outcome.Near, 2)]
    [InlineData(Outcome.Unhashable, 1)]
    public void An_upload_that_was_not_looked_up_is_never_a_no_match(Outcome outcome, int exit) =>
        Assert.Equal(exit, MatchCommand.ExitCodeOf(outcome));

    [Theory]
    [InlineData("sampel", "Did you mean 'sample'? Lists: ncmec, sample.")]
    [InlineData("zzzzzzzzz", "Lists: ncmec, sample.")]
    public void A_name_that_does_not_exist_leads_to_those_that_do(string name, string hint) =>
        Assert.Equal(hint, NearNames.Hint(name, ["ncmec", "sample"]));

    [Fact]
    public void Without_a_list_the_way_to_the_first_one_is_said() =>
        Assert.Contains("hashmatch lists load", NearNames.Hint("sample", []), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:50051", "http://127.0.0.1:50051")]
    [InlineData("http://*:8080", "http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::]:8080", "http://[::1]:8080")]
    public void A_server_that_listens_everywhere_is_called_on_loopback(string listen, string address) =>
        Assert.Equal(address, DemoServer.AddressOf(listen));

    [Fact]
    public void The_demo_cannot_find_a_server_on_any_port() =>
        Assert.Throws<FailureException>(() => DemoServer.AddressOf("http://127.0.0.1:0"));

    [Theory]
    [InlineData(null, 64, HashType.Pdq)]
    [InlineData(null, 40, HashType.Sha1)]
    [InlineData(null, 32, HashType.Md5)]
    [InlineData("sha256", 64, HashType.Sha256)]
    public void A_value_tells_its_type_by_its_length(string? type, int digits, HashType expected)
    {
        Assert.Null(EntryOptions.Parse(type, new string('A', digits), out EntryKey key));
        Assert.Equal(expected, key.Type);
        Assert.Equal(new string('a', digits), key.Value.ToHex(key.Type));
    }

    [Theory]
    [InlineData(null, "12")]
    [InlineData("md5", "zz")]
    [InlineData("sha1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_value_that_is_none_is_refused(string? type, string value) =>
        Assert.NotNull(EntryOptions.Parse(type, value, out _));
}
