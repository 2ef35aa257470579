using HashMatch.Fuzz;
using Xunit;

namespace HashMatch.Tests.Fuzz;

/// <summary>What the fuzzer once found, and what it starts from.</summary>
public sealed class VectorTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_pass(string target)
    {
        byte[][] seeds = [.. Seeds.Of(target)];
        Assert.NotEmpty(seeds);
        Assert.All(seeds, FuzzTargets.All[target]);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_was_found_once_passes(string target)
    {
        string folder = Path.Combine(Repository.Root, "tests", "HashMatch.Fuzz", "vectors", target);
        if (Directory.Exists(folder))
        {
            Assert.All(Directory.EnumerateFiles(folder), file => FuzzTargets.All[target](File.ReadAllBytes(file)));
        }
    }

    [Fact]
    public void Every_folder_of_vectors_belongs_to_a_target()
    {
        string folder = Path.Combine(Repository.Root, "tests", "HashMatch.Fuzz", "vectors");
        Assert.All(
            Directory.EnumerateDirectories(folder), path => Assert.Contains(Path.GetFileName(path), FuzzTargets.All));
    }
}
