using Google.Protobuf;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Memory;

/// <summary>The promise that nothing of an upload stays in memory, looked for in the memory itself.</summary>
public sealed class NothingStaysTests : IDisposable
{
    private const int Uploads = 1000;

    // A scan takes longer than the moment after which nothing may be left.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryFolder _folder = new();
    private readonly MarkedPictures _marked = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_of_a_thousand_uploads_is_in_any_process_a_moment_later()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            $"sqlite:{_folder["data"]}", Cancellation, "--HashMatch:AllowEmptyIndex=true",
            "--HashMatch:Images:MaxImageBytes=1048576");
        RequireMemoryOf(program);
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        using var http = new HttpClient { BaseAddress = new Uri(program.Addresses[1]) };
        var calls = new EveryCall(channel, http, _marked, Cancellation);
        int uploads = 0;
        while (uploads < Uploads)
        {
            uploads += await calls.UploadAllAsync();
        }

        await Task.Delay(Moment, Cancellation);
        long scanned = 0;
        List<string> found = [];
        foreach (int process in ProcessTree.Of(program.ProcessId))
        {
            found.AddRange(Scan(process, out long bytes));
            scanned += bytes;
        }

        FaultRow.Seen(
            $"{uploads} uploads full of fragments", "0 fragments in memory",
            $"{found.Count} in {scanned / 1048576} MiB of {ProcessTree.Of(program.ProcessId).Length} processes");
        Assert.True(found.Count == 0, string.Join('\n', found));
        Assert.True(calls.Hashed > uploads / 20, $"only {calls.Hashed} were hashed");
        Assert.True(scanned > 100_000_000, "hardly any memory was looked through");
    }

    [Fact]
    public async Task What_is_in_hand_is_found_so_that_what_is_not_found_is_gone()
    {
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            $"sqlite:{_folder["data"]}", Cancellation, "--HashMatch:AllowEmptyIndex=true");
        RequireMemoryOf(program);
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        using (var upload = new V1.Matching.MatchingClient(channel).MatchUpload(cancellationToken: Cancellation))
        {
            await upload.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(_marked.Baggage(50_000)) }, Cancellation);
            await Eventually.TrueAsync(
                () => MemoryScan.Find(program.ProcessId, _marked.Patterns, out _).Count > 0,
                "the chunk that waits for its verdict is found", Cancellation);
        }

        await Eventually.TrueAsync(
            () => MemoryScan.Find(program.ProcessId, _marked.Patterns, out _).Count == 0,
            "the chunk of a call that was hung up is gone", Cancellation);
    }

    // A worker that is replaced meanwhile takes its memory with it.
    private IEnumerable<string> Scan(int process, out long bytes)
    {
        try
        {
            return MemoryScan.Find(process, _marked.Patterns, out bytes)
                .Select(place => $"process {process}: {place}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !IsThere(process))
        {
            bytes = 0;
            return [];
        }
    }

    private static bool IsThere(int process) => Directory.Exists($"/proc/{process}");

    // The server is not dumpable: nobody but who may trace every process reads its memory.
    private static void RequireMemoryOf(ServerProgram program)
    {
        try
        {
            File.OpenRead($"/proc/{program.ProcessId}/mem").Dispose();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            const string reason = "Reading the memory of a process that is not dumpable needs Linux, CAP_SYS_PTRACE.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(reason);
            }

            Assert.Skip(reason);
        }
    }
}
