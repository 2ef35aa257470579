using System.Diagnostics;
using Grpc.Core;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Stores;

/// <summary>A disk that is full under the SQLite store: a small tmpfs of its own.</summary>
public sealed class FullDiskTests
{
    private const string List = "list";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Matching_goes_on_changes_are_refused_and_all_is_well_when_there_is_room_again()
    {
        using var folder = new TemporaryFolder();
        string disk = folder["disk"];
        Directory.CreateDirectory(disk);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk) != 0)
        {
            Assert.Skip("A tmpfs cannot be mounted: that takes root and CAP_SYS_ADMIN.");
        }

        try
        {
            await FillAsync(disk);
        }
        finally
        {
            await RunAsync("umount", "-l", disk);
        }
    }

    private static async Task FillAsync(string disk)
    {
        string store = $"sqlite:{disk}/data";
        await using (RunningServer first = await EmptyServer.StartAsync(store, Cancellation))
        {
            await first.CreateAsync(List, null, [Entries.Pdq(Entries.RandomPdq(1), "1")], Cancellation);
        }

        await using TestedServer server = await TestedServer.OpenAsync(store, Cancellation);
        string filler = Path.Combine(disk, "filler");
        await WriteUntilFullAsync(filler);
        var refused = new List<string>();
        for (int attempt = 0; attempt < 3; attempt++)
        {
            refused.Add(await StageAsync(server, attempt));
            V1.MatchHashesResponse answer = await server.Matching.MatchHashesAsync(
                new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = Entries.RandomPdq(1) } } },
                cancellationToken: Cancellation);
            Assert.Equal(V1.Outcome.Near, answer.Results[0].Outcome);
        }

        Assert.All(refused, reason => Assert.Contains("STORE_UNAVAILABLE", reason, StringComparison.Ordinal));
        V1.HashList list = await server.Lists.GetListAsync(
            new V1.GetListRequest { Name = List }, cancellationToken: Cancellation);
        Assert.Equal(1ul, list.ActiveVersion);
        File.Delete(filler);
        string after = "";
        await Eventually.TrueAsync(
            async () => (after = await StageAsync(server, 9)) == "staged", "there is room again", Cancellation);
        FaultRow.Seen(
            "disk full under SQLite", "changes UNAVAILABLE, matching goes on, recovers",
            $"{string.Join(", ", refused.Distinct())}; matched meanwhile; with room again {after}");
        Assert.True(server.Program.IsAlive);
        Assert.DoesNotContain("Unhandled", server.Program.Output, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task WriteUntilFullAsync(string path)
    {
        // In small blocks at last, so that not a page is left.
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        foreach (int size in (int[])[1024 * 1024, 4096])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full, to this size.
            }
        }
    }

    private static async Task<string> StageAsync(TestedServer server, int seed)
    {
        try
        {
            using var stage = server.Lists.StageVersion(cancellationToken: Cancellation);
            V1.StageVersionRequest[] parts =
            [
                new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = List } },
                new V1.StageVersionRequest
                {
                    Batch = new V1.StageVersionRequest.Types.Batch
                    {
                        Entries = { Enumerable.Range(0, 2000).Select(
                            i => Entries.Pdq(Entries.RandomPdq((10_000 * (seed + 1)) + i), $"{i}")) },
                    },
                },
            ];
            await stage.SendAsync(parts, Cancellation);
            return "staged";
        }
        catch (RpcException e)
        {
            return $"{e.StatusCode} {Statuses.ReasonOf(e)}";
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(Cancellation);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
