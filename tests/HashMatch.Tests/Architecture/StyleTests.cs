using System.Text.RegularExpressions;
using Xunit;

namespace HashMatch.Tests.Architecture;

/// <summary>The style that a compiler does not hold.</summary>
public sealed partial class StyleTests
{
    private const int MaxFileLines = 400;
    private const int MaxLineLength = 120;

    private static readonly (string Path, string Text)[] Sources = [.. Directory
        .EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)
            && !path.Contains("/bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(path => (path, File.ReadAllText(Path.Combine(Repository.Root, path))))];

    [Fact]
    public void Files_are_short_and_so_are_their_lines()
    {
        List<string> found = [];
        foreach ((string path, string text) in Sources)
        {
            string[] lines = text.TrimEnd('\n').Split('\n');
            if (lines.Length > MaxFileLines)
            {
                found.Add($"{path} has {lines.Length} lines");
            }

            found.AddRange(lines.Index().Where(line => line.Item.Length > MaxLineLength)
                .Select(line => $"{path}:{line.Index + 1} is {line.Item.Length} wide"));
        }

        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found));
    }

    [Fact]
    public void Names_say_what_a_thing_is() => Assert.DoesNotContain(
        Sources.Select(source => source.Path),
        path => Regex.IsMatch(path, @"(Manager|Helpers?|Utils?|Processor|Wrapper|Impl)\.cs$"));

    [Fact]
    public void Namespaces_are_folders() => Assert.Empty(Sources
        .Select(source => (source.Path, Declared: NamespaceLine().Match(source.Text)))
        .Where(source => source.Declared.Success && source.Declared.Groups[1].Value != NamespaceOf(source.Path))
        .Select(source => source.Path));

    [Fact]
    public void A_file_of_the_product_has_one_public_type_named_after_it() => Assert.Empty(Sources
        .Where(source => source.Path.StartsWith("src/", StringComparison.Ordinal))
        .Where(source => PublicType().Matches(source.Text)
            .Any(type => type.Groups[1].Value != Path.GetFileName(source.Path).Split('.')[0]))
        .Select(source => source.Path));

    private static string NamespaceOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
        return folder[(folder.IndexOf('/', StringComparison.Ordinal) + 1)..].Replace('/', '.');
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"^public (?:(?:static|sealed|abstract|partial|readonly|unsafe|ref) )*"
        + @"(?:class|struct|record struct|record|interface|enum) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
