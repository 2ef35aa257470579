using Google.Protobuf;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Tests;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>One server over SQLite with lists of pictures that the tests draw, for tests that change no list.</summary>
public sealed class MatchingFixture : IAsyncLifetime
{
    /// <summary>Seeds of the pictures whose hashes are on `drawn`.</summary>
    public static readonly int[] Listed = [1, 2, 3];

    /// <summary>On `digests`, by MD5, SHA-1 and SHA-256.</summary>
    public static readonly int[] Digested = [11, 12, 13];

    /// <summary>On `shadow`.</summary>
    public const int Shadowed = 21;

    /// <summary>On `turned`, by the hash of its turn by 90 degrees only.</summary>
    public const int Turned = 31;

    /// <summary>On `untrimmed`, which is not matched by pictures without their border.</summary>
    public const int Untrimmed = 41;

    /// <summary>On no list.</summary>
    public const int Unknown = 99;

    /// <summary>Small, so that going over it is cheap.</summary>
    public const int MaxImageBytes = 4 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    internal RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}", cancellation, $"--HashMatch:Images:MaxImageBytes={MaxImageBytes}");
        List<V1.Entry> drawn = [];
        foreach (int seed in Listed)
        {
            drawn.Add(Entries.Pdq((await HashAsync(seed, cancellation)).Hash, $"drawn-{seed}"));
        }

        V1.HashType[] types = [V1.HashType.Md5, V1.HashType.Sha1, V1.HashType.Sha256];
        V1.HashResponse turned = await HashAsync(Turned, cancellation);
        await Server.CreateAsync("drawn", null, drawn, cancellation);
        await Server.CreateAsync(
            "digests",
            new V1.Policy { Action = V1.Action.Review },
            types.Zip(Digested, (type, seed) => Entries.Digest(type, DrawnPicture.Draw(seed), $"digest-{seed}")),
            cancellation);
        await Server.CreateAsync(
            "shadow",
            new V1.Policy { Shadow = true },
            [Entries.Pdq((await HashAsync(Shadowed, cancellation)).Hash, "in the dark")],
            cancellation);
        await Server.CreateAsync(
            "untrimmed",
            new V1.Policy { Trim = false },
            [Entries.Pdq((await HashAsync(Untrimmed, cancellation)).Hash, "whole only")],
            cancellation);
        await Server.CreateAsync(
            "turned",
            null,
            [
                Entries.Pdq(
                    turned.Dihedral.Single(o => o.Orientation == V1.Orientation.Rotated90).Hash, "on its side"),
            ],
            cancellation);
    }

    /// <summary>Loads the sample images' listed hashes as `samples`; skips the test where there are none.</summary>
    internal async Task LoadSamplesAsync(CancellationToken cancellation)
    {
        V1.Entry[] samples =
        [
            .. Conformance.Rows("pdq-images.csv").Where(row => int.Parse(row[4], null) >= 50)
                .Select(row => Entries.Pdq(row[5], row[0])),
        ];
        if ((await Server.VersionsAsync(cancellation)).ContainsKey("samples"))
        {
            return;
        }

        await Server.CreateAsync("samples", null, samples, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<V1.HashResponse> HashAsync(int seed, CancellationToken cancellation) =>
        await Server.Matching.HashAsync(
            new V1.HashRequest
            {
                Image = ByteString.CopyFrom(DrawnPicture.Draw(seed)),
                Fidelity = V1.Fidelity.Reference,
                Dihedral = true,
            },
            cancellationToken: cancellation);
}
