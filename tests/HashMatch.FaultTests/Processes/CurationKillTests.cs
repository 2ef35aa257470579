using Grpc.Core;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Processes;

/// <summary>
/// SIGKILL to a server while a list is rolled back, and while its policy is changed: after the restart each is as it
/// was acknowledged, or as the call that was on its way wanted it, and what is matched goes by it.
/// </summary>
public sealed class CurationKillTests(ITestOutputHelper output)
{
    private const string List = "list";
    private const int Far = 20;
    private static readonly int Rounds = LongRuns.Times(3);

    // Of versions 1 and 2; and one that version 2 has too, that far from what is asked.
    private static readonly string[] Held = [Entries.RandomPdq(1), Entries.RandomPdq(2)];
    private static readonly string Common = Entries.RandomPdq(3);
    private static readonly string NearCommon = Flipped(Common, Far);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_while_lists_are_rolled_back_and_policies_change_over_sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillAsync($"sqlite:{folder["data"]}", "SQLite");
    }

    [Fact]
    public async Task Kills_while_lists_are_rolled_back_and_policies_change_over_redis()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await KillAsync(redis.Address, "Redis");
    }

    private async Task KillAsync(string store, string name)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var asked = new Asked();
        await using (RunningServer first = await EmptyServer.StartAsync(store, Cancellation))
        {
            await first.Lists.CreateListAsync(
                new V1.CreateListRequest { Name = List, Description = "0", Policy = PolicyOf(0) },
                cancellationToken: Cancellation);
            foreach (string own in Held)
            {
                await first.LoadAsync(
                    List, [Entries.Pdq(own, "own"), Entries.Pdq(Common, "common")], Cancellation);
            }
        }

        for (int round = 0; round <= Rounds; round++)
        {
            await using TestedServer server = await TestedServer.OpenAsync(store, Cancellation);
            await CheckAsync(server, asked);
            if (round == Rounds)
            {
                break;
            }

            using var stop = new CancellationTokenSource();
            int before = asked.Count;
            Task rolling = RollAsync(server, asked, stop.Token);
            Task changing = ChangeAsync(server, asked, stop.Token);
            await Eventually.TrueAsync(() => asked.Count > before, "a change is acknowledged", Cancellation);
            await Task.Delay(random.Next(200), Cancellation);
            server.Program.Kill();
            await stop.CancelAsync();
            await rolling;
            await changing;
        }

        FaultRow.Seen(
            $"SIGKILL x{Rounds} of the server at roll-backs and changes of policy, {name}",
            "each is as acknowledged or as asked last, never half, and verdicts go by it",
            $"{asked.Count} changes acknowledged, active {asked.Active}, policy {asked.Policy}, wrong 0");
    }

    // From 2 to 1 by the version before, from 1 to 2 by its number.
    private static Task RollAsync(TestedServer server, Asked asked, CancellationToken stop) => UntilGoneAsync(
        async () =>
        {
            ulong wanted = 3 - asked.Active;
            asked.TryingActive = wanted;
            await server.Lists.RollBackAsync(
                new V1.RollBackRequest { Name = List, ToVersion = wanted == 1 && asked.Count % 2 == 0 ? 0 : wanted },
                cancellationToken: stop);
            asked.Rolled(wanted);
        },
        stop);

    // Words and numbers that belong together, in one call.
    private static Task ChangeAsync(TestedServer server, Asked asked, CancellationToken stop) => UntilGoneAsync(
        async () =>
        {
            int wanted = asked.Policy + 1;
            asked.TryingPolicy = wanted;
            await server.Lists.UpdateListAsync(
                new V1.UpdateListRequest { Name = List, Description = $"{wanted}", Policy = PolicyOf(wanted) },
                cancellationToken: stop);
            asked.Changed(wanted);
        },
        stop);

    private static async Task UntilGoneAsync(Func<Task> change, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await change();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Aborted)
            {
                // The other change came first.
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private static async Task CheckAsync(TestedServer server, Asked asked)
    {
        V1.HashList list = await server.Lists.GetListAsync(
            new V1.GetListRequest { Name = List }, cancellationToken: Cancellation);
        Assert.Contains(list.ActiveVersion, new[] { asked.Active, asked.TryingActive });
        int policy = int.Parse(list.Description, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(policy, new[] { asked.Policy, asked.TryingPolicy });
        V1.Policy whole = PolicyOf(policy);
        Assert.Equal(
            (whole.MaxDistance, whole.MinQuality, whole.Action),
            (list.Policy.MaxDistance, list.Policy.MinQuality, list.Policy.Action));
        (asked.Active, asked.Policy) = (list.ActiveVersion, policy);
        V1.MatchHashesResponse answer = await server.Matching.MatchHashesAsync(
            new V1.MatchHashesRequest
            {
                Queries = { Held.Append(NearCommon).Select(hash => new V1.HashQuery { Pdq = hash }) },
            },
            cancellationToken: Cancellation);
        bool[] found =
        [
            list.ActiveVersion == 1, list.ActiveVersion == 2, list.Policy.MaxDistance >= Far,
        ];
        Assert.Equal(
            found.Select(isFound => isFound ? V1.Outcome.Near : V1.Outcome.NoKnownMatch),
            answer.Results.Select(result => result.Outcome));
        Assert.All(answer.Results.SelectMany(result => result.Matches), match =>
            Assert.Equal(list.Policy.Action, match.Action));
        Assert.All(answer.Results, result => Assert.Equal(list.ActiveVersion, result.ListVersions.Single().Version));
    }

    private static V1.Policy PolicyOf(int number) => new()
    {
        MaxDistance = number % 2 == 0 ? 31u : 10u,
        MinQuality = 50u + (uint)(number % 40),
        Action = number % 2 == 0 ? V1.Action.Block : V1.Action.Review,
    };

    private static string Flipped(string hash, int bits)
    {
        byte[] bytes = Convert.FromHexString(hash);
        for (int bit = 0; bit < bits; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>What the server told, and what it was asked and did not tell.</summary>
    private sealed class Asked
    {
        private int _count;

        public ulong Active { get; set; } = 2;

        public ulong TryingActive { get; set; } = 2;

        public int Policy { get; set; }

        public int TryingPolicy { get; set; }

        public int Count => Volatile.Read(ref _count);

        public void Rolled(ulong version)
        {
            Active = version;
            Interlocked.Increment(ref _count);
        }

        public void Changed(int policy)
        {
            Policy = policy;
            Interlocked.Increment(ref _count);
        }
    }
}
