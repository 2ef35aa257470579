using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Serving;

/// <summary>
/// A server process over a SQLite store of its own, with one list that holds the drawn pictures of even numbers, so
/// that every verdict is known.
/// </summary>
internal sealed class TestedServer : IAsyncDisposable
{
    /// <summary>Drawn pictures 0 to this, without it.</summary>
    public const int Pictures = 8;

    // What no attack and no upload may put into the log.
    private static readonly string[] Unforeseen = ["unhandled", " crit: ", " fail: ", "   at "];

    // Kestrel's word for a connection that nothing refers to and that was not ended. The README's open question.
    private const string NeverCompleted = "application never completed";
    private const int MaxAbandoned = 3;

    private readonly TemporaryFolder? _ownFolder;

    private TestedServer(ServerProgram program, TemporaryFolder? folder)
    {
        Program = program;
        _ownFolder = folder;
        Channel = Connect();
        Matching = new V1.Matching.MatchingClient(Channel);
        Lists = new V1.HashLists.HashListsClient(Channel);
    }

    public ServerProgram Program { get; }

    public GrpcChannel Channel { get; }

    public V1.Matching.MatchingClient Matching { get; }

    public V1.HashLists.HashListsClient Lists { get; }

    /// <summary>gRPC.</summary>
    public Uri Address => new(Program.Addresses[0]);

    /// <summary>JSON.</summary>
    public Uri JsonAddress => new(Program.Addresses[1]);

    public ProcessFigures Figures => ProcessFigures.Read(Program.ProcessId);

    /// <summary>Connections that the transport lost.</summary>
    public int Abandoned => Program.Output.Split('\n').Count(
        line => line.Contains(NeverCompleted, StringComparison.Ordinal));

    /// <summary>Starts one that is ready, with its list loaded.</summary>
    public static async Task<TestedServer> StartAsync(CancellationToken cancellation, params string[] settings)
    {
        var folder = new TemporaryFolder();
        TestedServer server = await OpenAsync($"sqlite:{folder["data"]}", folder, settings, cancellation);
        try
        {
            await server.LoadAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one that is ready over a store that is there.</summary>
    public static Task<TestedServer> OpenAsync(
        string store, CancellationToken cancellation, params string[] settings) =>
        OpenAsync(store, null, settings, cancellation);

    /// <summary>A picture whose verdict is known.</summary>
    public static byte[] Picture(int number) => DrawnPicture.Draw(1000 + (number % Pictures));

    /// <summary>Whether a picture is on the list.</summary>
    public static bool IsListed(int number) => number % Pictures % 2 == 0;

    /// <summary>A connection of its own.</summary>
    public GrpcChannel Connect() => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler(),
        DisposeHttpClient = true,
    });

    /// <summary>Sends a picture.</summary>
    public async Task<V1.MatchResponse> MatchAsync(int number, CancellationToken cancellation) =>
        await Matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(Picture(number)) }, cancellationToken: cancellation);

    /// <summary>Checks one verdict.</summary>
    /// <returns>Null when it is right.</returns>
    public static string? WhyWrong(int number, V1.MatchResponse verdict)
    {
        V1.Outcome expected = IsListed(number) ? V1.Outcome.Near : V1.Outcome.NoKnownMatch;
        return verdict.Outcome != expected
            ? $"picture {number} is {verdict.Outcome}, not {expected}"
            : IsListed(number) && verdict.Matches[0].ExternalId != Name(number)
                ? $"picture {number} matches {verdict.Matches[0].ExternalId}"
                : null;
    }

    /// <summary>Every picture gets its right verdict, and the log tells of nothing unforeseen.</summary>
    public async Task AssertServesAsync(CancellationToken cancellation)
    {
        Assert.True(Program.IsAlive, Program.Output);
        for (int number = 0; number < Pictures; number++)
        {
            Assert.Null(WhyWrong(number, await MatchAsync(number, cancellation)));
        }

        string[] unforeseen = [.. Program.Output.Split('\n').Where(line => Unforeseen.Any(
            word => line.Contains(word, StringComparison.OrdinalIgnoreCase))
            && !line.Contains(NeverCompleted, StringComparison.Ordinal))];
        Assert.InRange(Abandoned, 0, MaxAbandoned);
        Assert.True(unforeseen.Length == 0, string.Join('\n', unforeseen.Take(20)));
    }

    public ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Program.Dispose();
        _ownFolder?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Name(int number) => $"picture-{number % Pictures}";

    private static async Task<TestedServer> OpenAsync(
        string store, TemporaryFolder? folder, string[] settings, CancellationToken cancellation)
    {
        try
        {
            ServerProgram program = await ServerProgram.StartReadyAsync(store, cancellation, settings);
            await Eventually.TrueAsync(() => program.Addresses.Length > 1, "it listens", cancellation);
            return new TestedServer(program, folder);
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        await Lists.CreateListAsync(new V1.CreateListRequest { Name = "list" }, cancellationToken: cancellation);
        using (var stage = Lists.StageVersion(cancellationToken: cancellation))
        {
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
                cancellation);
            var batch = new V1.StageVersionRequest.Types.Batch();
            for (int number = 0; number < Pictures; number += 2)
            {
                string hash = (await Matching.HashAsync(
                    new V1.HashRequest { Image = ByteString.CopyFrom(Picture(number)) },
                    cancellationToken: cancellation)).Hash;
                batch.Entries.Add(Entries.Pdq(hash, Name(number)));
            }

            await stage.RequestStream.WriteAsync(new V1.StageVersionRequest { Batch = batch }, cancellation);
            await stage.RequestStream.CompleteAsync();
            await stage;
        }

        await Lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "list", Version = 1 }, cancellationToken: cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await MatchAsync(0, cancellation)).Outcome == V1.Outcome.Near;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the list is matched against", cancellation);
    }
}
