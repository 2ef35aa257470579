using CsCheck;
using HashMatch.Cli.Output;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>Text from outside, as it is shown.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("[red]no markup[/]", "[red]no markup[/]")]
    [InlineData("a\nb\r\tc", "a\\nb\\r\\tc")]
    [InlineData("\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u0007\u007f", "\\u0007\\u007f")]
    [InlineData("photo\u202Egpj.exe", "photo\\u202egpj.exe")]
    [InlineData("a\u200Bb\u2066c\uFEFF", "a\\u200bb\\u2066c\\ufeff")]
    [InlineData("a\u2028b", "a\\u2028b")]
    [InlineData("\uFFFD", "\uFFFD")]
    [InlineData("क्षि می‌خواهم 👩‍👧 日本語 한국어 ไทย", "क्षि می‌خواهم 👩‍👧 日本語 한국어 ไทย")]
    [InlineData("\U000E0041", "\\U000e0041")]
    public void What_could_steer_a_terminal_is_shown_as_an_escape(string? text, string shown) =>
        Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_an_escape()
    {
        Assert.Equal("\\ud800x", PlainText.Of("\uD800x"));
        Assert.Equal("x\\udc00", PlainText.Of("x\uDC00"));
    }

    [Fact]
    public void No_text_brings_a_control_character_through() => Gen.String.Sample(text =>
        Assert.DoesNotContain(PlainText.Of(text), character => char.IsControl(character)));

    [Fact]
    public void Printable_ascii_comes_through_as_it_is() => Gen.Char[' ', '~'].Array.Sample(characters =>
        Assert.Equal(new string(characters), PlainText.Of(new string(characters))));
}
