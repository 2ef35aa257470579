using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>The audit log over a Redis Cluster of three masters.</summary>
public sealed class RedisClusterAuditContract(RedisClusterFixture fixture)
    : AuditContract, IClassFixture<RedisClusterFixture>
{
    private string _configuration = "";

    protected override async Task ResetAsync() =>
        _configuration = (await fixture.EmptyAsync(Cancellation)).Address["redis:".Length..];

    protected override async Task<IListStore> OpenStoreAsync() =>
        await RedisListStore.OpenAsync(_configuration, TimeProvider.System);

    protected override Task ReplaceAsync(long sequence, byte[] record) =>
        RedisTampering.ReplaceAsync(_configuration, sequence, record);

    protected override Task DeleteAsync(long sequence) =>
        RedisTampering.SendAsync(_configuration, "XDEL", "hm:{audit}:log", $"{sequence}-0");

    protected override Task SetHeadAsync(string head) =>
        RedisTampering.SendAsync(_configuration, "SET", "hm:{audit}:head", head);

    protected override Task SetDocumentAsync(string list, byte[] document) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "doc", document);

    protected override Task SetRevisionAsync(string list, long revision) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "rev", revision);

    protected override Task SetListNamedAsync(string list, string record) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{l:{list}}}:doc", "audit", record);

    protected override Task SetNamedAsync(string group, string key, string record) =>
        RedisTampering.SendAsync(_configuration, "HSET", $"hm:{{g:{group}}}:audit", key, record);

    protected override Task DeleteCheckpointAsync(long number) =>
        RedisTampering.SendAsync(_configuration, "XDEL", "hm:{audit}:checkpoints", $"{number}-0");
}
