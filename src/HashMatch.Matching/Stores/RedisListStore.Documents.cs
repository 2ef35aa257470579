using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <content>Documents that are no lists, and leases.</content>
public sealed partial class RedisListStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredDocument>> ReadDocumentsAsync(string group, CancellationToken cancellation)
    {
        RedisKey documents = RedisKeys.Documents(group);
        HashEntry[] fields = await Answer(
            documents, () => _database.HashGetAllAsync(documents, OnMaster), cancellation).ConfigureAwait(false);
        return
        [
            .. fields.Select(field => ReadDocument(group, (string)field.Name!, (byte[])field.Value!))
                .OrderBy(document => document.Key, StringComparer.Ordinal)
        ];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadDocumentKeysAsync(string group, CancellationToken cancellation)
    {
        RedisKey documents = RedisKeys.Documents(group);
        RedisValue[] keys = await Answer(
            documents, () => _database.HashKeysAsync(documents, OnMaster), cancellation).ConfigureAwait(false);
        return [.. keys.Select(key => (string)key!)];
    }

    /// <inheritdoc/>
    public async Task<StoredDocument?> ReadDocumentAsync(string group, string key, CancellationToken cancellation)
    {
        RedisValue value = await ReadValueAsync(group, key, cancellation).ConfigureAwait(false);
        return value.IsNull ? null : ReadDocument(group, key, (byte[])value!);
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, CancellationToken cancellation)
    {
        StoreArguments.CheckWrite(document, expectedRevision);
        byte[] value = ValueOf(document);
        return await ReplaceAsync(
            RedisScripts.WriteDocument, document.Group, [document.Key, expectedRevision, value], cancellation)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, CancellationToken cancellation) =>
        expectedRevision == 0
            ? Task.FromResult(false)
            : ReplaceAsync(RedisScripts.DeleteDocument, group, [key, expectedRevision], cancellation);

    /// <inheritdoc/>
    public async Task<string> LeaseAsync(
        string name, string holder, TimeSpan time, CancellationToken cancellation)
    {
        RedisResult held = await Answer(
            RedisKeys.Lease(name),
            () => _database.ScriptEvaluateAsync(
                RedisScripts.Lease, [RedisKeys.Lease(name)], [holder, (long)time.TotalMilliseconds], Script),
            cancellation).ConfigureAwait(false);
        return (string)held!;
    }

    /// <inheritdoc/>
    public Task ReleaseLeaseAsync(string name, string holder, CancellationToken cancellation) => Answer(
        RedisKeys.Lease(name),
        () => _database.ScriptEvaluateAsync(RedisScripts.ReleaseLease, [RedisKeys.Lease(name)], [holder], Script),
        cancellation);

    private static byte[] ValueOf(StoredDocument document) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{document.Revision}:")),
        .. document.Content.Span,
    ];

    private async Task<bool> ReplaceAsync(
        string script, string group, RedisValue[] arguments, CancellationToken cancellation)
    {
        RedisKey documents = RedisKeys.Documents(group);
        RedisResult result = await _confirmation.WriteAsync(
            documents, () => _database.ScriptEvaluateAsync(script, [documents], arguments, Script), cancellation)
            .ConfigureAwait(false);
        return (long)result == 1;
    }

    private Task<RedisValue> ReadValueAsync(string group, string key, CancellationToken cancellation)
    {
        RedisKey documents = RedisKeys.Documents(group);
        return Answer(documents, () => _database.HashGetAsync(documents, key, OnMaster), cancellation);
    }

    private StoredDocument ReadDocument(string group, string key, byte[] value) => TryReadDocument(group, key, value)
        ?? throw new StoreCorruptException($"{Description} holds a document of {group} that is none.");

    // Null when it does not begin with its revision.
    private static StoredDocument? TryReadDocument(string group, string key, byte[] value)
    {
        int colon = Array.IndexOf(value, (byte)':');
        return colon > 0
            && long.TryParse(
                value.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
                ? new StoredDocument(group, key, revision, value.AsMemory(colon + 1))
                : null;
    }
}
