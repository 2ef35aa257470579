using System.Reflection;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Pdq;
using HashMatch.Proto.V1;
using HashMatch.Uploads;
using Xunit;

namespace HashMatch.Tests.Architecture;

/// <summary>The rooms and arrows of src/README.md, read off the built assemblies.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["HashMatch.Proto"] = [],
        ["HashMatch.Pdq"] = [],
        ["HashMatch.Imaging"] = ["HashMatch.Pdq"],
        ["HashMatch.DecodeWorker"] = ["HashMatch.Pdq", "HashMatch.Imaging"],
        ["HashMatch.Matching"] = ["HashMatch.Pdq"],
        ["HashMatch.Exchanges"] = ["HashMatch.Matching"],
        ["HashMatch.Uploads"] = ["HashMatch.Pdq", "HashMatch.Imaging", "HashMatch.Matching"],
        ["HashMatch.Server"] =
        [
            "HashMatch.Proto", "HashMatch.Pdq", "HashMatch.Imaging", "HashMatch.Matching", "HashMatch.Exchanges",
            "HashMatch.Uploads",
        ],
        ["hashmatch"] =
        [
            "HashMatch.Proto", "HashMatch.Pdq", "HashMatch.Imaging", "HashMatch.Matching", "HashMatch.Exchanges",
            "HashMatch.Uploads",
        ],
    };

    /// <summary>Where an outside dependency may be seen: prefix of the assembly's name, then its homes.</summary>
    private static readonly (string Prefix, string[] Homes)[] Dependencies =
    [
        ("NetVips", ["HashMatch.Imaging"]),
        ("StackExchange.Redis", ["HashMatch.Matching"]),
        ("NSec", ["HashMatch.Matching"]),
        ("Microsoft.Data.Sqlite", ["HashMatch.Matching"]),
        ("SQLitePCLRaw", ["HashMatch.Matching"]),
        ("Polly", ["HashMatch.Exchanges"]),
        ("Grpc", ["HashMatch.Proto", "HashMatch.Server", "hashmatch"]),
        ("Google.", ["HashMatch.Proto", "HashMatch.Server", "hashmatch"]),
        ("Microsoft.AspNetCore", ["HashMatch.Server"]),
        ("Microsoft.IdentityModel", ["HashMatch.Server"]),
        ("OpenTelemetry", ["HashMatch.Server"]),
        ("Spectre.Console", ["hashmatch"]),
        ("HdrHistogram", ["hashmatch"]),
        ("System.CommandLine", ["hashmatch"]),
    ];

    public static TheoryData<string> Rooms => [.. Arrows.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_only_what_its_arrows_allow(string room)
    {
        string[] allowed = Arrows[room];
        string[] seen = [.. References(room).Where(name => Arrows.ContainsKey(name))];
        Assert.Empty(seen.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void An_outside_dependency_is_seen_only_in_its_home(string room)
    {
        foreach ((string prefix, string[] homes) in Dependencies)
        {
            string? foreign = References(room).FirstOrDefault(
                name => name.StartsWith(prefix, StringComparison.Ordinal) && !homes.Contains(room));
            Assert.True(foreign is null, $"{room} sees {foreign}, whose home is {string.Join(", ", homes)}");
        }
    }

    [Fact]
    public void Pdq_has_the_base_class_library_alone()
    {
        Assert.All(References("HashMatch.Pdq"), name => Assert.StartsWith("System", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_after_the_hash_can_hold_a_pixel()
    {
        // Uploads is where pixels end; a verdict, an event or a stored type that could name Luma would let them on.
        IEnumerable<Type> held = typeof(Matcher).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(
                BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(field => field.FieldType);
        Assert.DoesNotContain(typeof(Luma), held);
    }

    private static IEnumerable<string> References(string room) =>
        AssemblyOf(room).GetReferencedAssemblies().Select(name => name.Name!);

    private static Assembly AssemblyOf(string room) => room switch
    {
        "HashMatch.Proto" => typeof(MatchRequest).Assembly,
        "HashMatch.Pdq" => typeof(PdqHasher).Assembly,
        "HashMatch.Imaging" => typeof(ImageDecoder).Assembly,
        "HashMatch.Matching" => typeof(Matcher).Assembly,
        "HashMatch.Uploads" => typeof(UploadHasher).Assembly,
        _ => Assembly.Load(room),
    };
}
