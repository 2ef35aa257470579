using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace HashMatch.Server.Memory;

/// <summary>Gives the transport its pools.</summary>
public sealed class ScrubbedPoolFactory : IMemoryPoolFactory<byte>
{
    private readonly ConcurrentBag<ScrubbedPool> _pools = [];

    /// <summary>Buffers that all pools handed out so far.</summary>
    public long Rented => _pools.Sum(pool => pool.Rented);

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
    {
        var pool = new ScrubbedPool();
        _pools.Add(pool);
        return pool;
    }
}
