using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Lists;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;
using HashMatch.Server.Services;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>The audit log and two persons, as a server's callers meet them.</summary>
public sealed class AuditServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Address => "sqlite:" + _folder["data"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_signs_what_its_callers_did_and_shows_it()
    {
        using SigningKey key = SigningKey.Create();
        string file = WriteKey(key.ToPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            Address, Cancellation, "--HashMatch:Audit:SigningKey", file, "--HashMatch:Audit:CheckpointRecords=2",
            "--HashMatch:Audit:CheckpointInterval=00:00:01");
        var audit = new V1.Audit.AuditClient(server.Channel);
        Assert.Equal(0ul, (await audit.GetCheckpointAsync(new(), cancellationToken: Cancellation)).Sequence);
        await server.CreateAsync("a", null, [Entries.Pdq(Entries.RandomPdq(1), "secret-id")], Cancellation);
        await server.Lists.CreateListAsync(new V1.CreateListRequest { Name = "b" }, cancellationToken: Cancellation);
        V1.GetCheckpointResponse checkpoint = new();
        await Eventually.TrueAsync(
            async () => (checkpoint = await audit.GetCheckpointAsync(new(), cancellationToken: Cancellation))
                .Sequence == 4,
            "all records are signed",
            Cancellation);
        Assert.Equal(key.Public.Id, checkpoint.Key);

        V1.ListRecordsResponse all = await audit.ListRecordsAsync(new(), cancellationToken: Cancellation);
        Assert.Equal(
            ["1 created list:a", "2 staged list:a", "3 activated list:a", "4 created list:b"],
            all.Records.Select(record => $"{record.Sequence} {record.Action} {record.Subject}"));
        Assert.All(all.Records, record => Assert.Equal(
            ("anonymous", V1.AuditEffect.Done), (record.Actor, record.Effect)));
        Assert.DoesNotContain("secret-id", all.ToString(), StringComparison.Ordinal);
        Assert.Equal([3ul], (await audit.ListRecordsAsync(
            new V1.ListRecordsRequest { After = 2, PageSize = 10, List = "a" }, cancellationToken: Cancellation))
            .Records.Select(record => record.Sequence));
        Assert.Equal(["page_size"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            async () => await audit.ListRecordsAsync(
                new V1.ListRecordsRequest { PageSize = 1001 }, cancellationToken: Cancellation)));
        Assert.Equal(["list"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            async () => await audit.ListRecordsAsync(
                new V1.ListRecordsRequest { List = "No Such" }, cancellationToken: Cancellation)));

        await using IListStore store = await ListStores.OpenAsync(Address, TimeProvider.System, Cancellation);
        AuditReport report = await new AuditLog(store, TimeProvider.System).VerifyAsync(
            [key.Public], [checkpoint.Checkpoint.Memory], null, Cancellation);
        Assert.Equal((0L, 4L), (report.FaultCount, report.SignedUpTo));
    }

    [Theory]
    [InlineData("no key", true, "no Ed25519 private key")]
    [InlineData(null, false, "others")]
    public async Task A_key_that_is_none_or_not_private_stops_the_start(string? content, bool isPrivate, string said)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        using SigningKey key = SigningKey.Create();
        string file = WriteKey(
            content is null ? key.ToPem() : System.Text.Encoding.ASCII.GetBytes(content),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | (isPrivate ? 0 : UnixFileMode.OtherRead));
        ConfigurationException e = await Assert.ThrowsAsync<ConfigurationException>(() => RunningServer.StartAsync(
            Address, Cancellation, "--HashMatch:Audit:SigningKey", file));
        Assert.Contains("Audit:SigningKey", e.Message, StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anonymous_caller_is_no_person()
    {
        await using RunningServer server = await RunningServer.StartAsync(Address, Cancellation);
        await using IListStore store = await ListStores.OpenAsync(Address, TimeProvider.System, Cancellation);
        ListCatalog alice = new ListCatalog(store, TimeProvider.System).As("alice");
        Assert.True((await alice.CreateAsync("a", "", new MatchPolicy { Approvals = 1 }, Cancellation)).IsOk);
        await Statuses.FailsAsync(
            StatusCode.PermissionDenied, "NOT_A_PERSON",
            () => server.StageAsync("a", [Entries.Pdq(Entries.RandomPdq(2), "x")], Cancellation));
        await alice.StageAsync("a", SampleEntries.LinesAsync(SampleEntries.Make(seed: 1, 2)), new StageOptions(), null,
            Cancellation);
        await Statuses.FailsAsync(
            StatusCode.FailedPrecondition, "NEEDS_APPROVAL",
            async () => await server.Lists.ActivateVersionAsync(
                new V1.ActivateVersionRequest { Name = "a", Version = 1, Force = true },
                cancellationToken: Cancellation));
        await Statuses.FailsAsync(
            StatusCode.PermissionDenied, "NOT_A_PERSON",
            async () => await server.Lists.ApproveVersionAsync(
                new V1.ApproveVersionRequest { Name = "a", Version = 1 }, cancellationToken: Cancellation));
        await Statuses.FailsAsync(
            StatusCode.FailedPrecondition, "NOTHING_TO_APPROVE",
            async () => await server.Lists.RejectChangeAsync(
                new V1.RejectChangeRequest { Name = "a", Revision = 1 }, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Callers_with_names_stage_approve_and_propose_through_the_service()
    {
        await using IListStore store = await ListStores.OpenAsync(Address, TimeProvider.System, Cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        var service = new HashListsService(catalog);
        NamedCall alice = new("alice", Cancellation);
        NamedCall bob = new("bob", Cancellation);
        V1.HashList list = await service.CreateList(
            new V1.CreateListRequest { Name = "a", Policy = new V1.Policy { Approvals = 1 } }, alice);
        Assert.Equal(1u, list.Policy.Approvals);
        await catalog.As("alice").StageAsync(
            "a", SampleEntries.LinesAsync(SampleEntries.Make(seed: 2, 3)), new StageOptions(), null, Cancellation);
        V1.ApproveVersionRequest approve = new() { Name = "a", Version = 1 };
        await Statuses.FailsAsync(
            StatusCode.PermissionDenied, "SELF_APPROVAL", () => service.ApproveVersion(approve, alice));
        list = await service.ApproveVersion(approve, bob);
        Assert.Equal(("alice", "bob"), (list.Versions[0].StagedBy, list.Versions[0].ApprovedBy));
        Assert.NotNull(list.Versions[0].ApprovedAt);
        await service.ActivateVersion(new V1.ActivateVersionRequest { Name = "a", Version = 1 }, alice);

        V1.EditEntriesResponse edit = await service.AddEntries(
            new V1.AddEntriesRequest { Name = "a", Entries = { Entries.Pdq(Entries.RandomPdq(3), "x") } }, bob);
        Assert.Equal((2ul, 1ul, 1ul), (edit.StagedVersion, edit.List.ActiveVersion, edit.List.Versions[0].BasedOn));
        list = await service.UpdateList(
            new V1.UpdateListRequest { Name = "a", Policy = new V1.Policy { Approvals = 0 } }, alice);
        Assert.Equal((1u, "alice", 0u, false), (
            list.Policy.Approvals, list.Pending.By, list.Pending.Policy.Approvals, list.Pending.Deletes));
        Assert.Null((await service.RejectChange(
            new V1.RejectChangeRequest { Name = "a", Revision = list.Pending.Revision }, bob)).Pending);
        V1.DeleteListResponse deleted = await service.DeleteList(new V1.DeleteListRequest { Name = "a" }, alice);
        Assert.True(deleted.Pending.Pending.Deletes);
        V1.ApproveChangeRequest change = new() { Name = "a", Revision = deleted.Pending.Pending.Revision };
        await Statuses.FailsAsync(
            StatusCode.PermissionDenied, "SELF_APPROVAL", () => service.ApproveChange(change, alice));
        Assert.Null((await service.ApproveChange(change, bob)).List);
        Assert.Null(await store.ReadListAsync("a", Cancellation));
    }

    private string WriteKey(byte[] pem, UnixFileMode mode)
    {
        string file = _folder["audit.key"];
        File.WriteAllBytes(file, pem);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }

        return file;
    }
}
