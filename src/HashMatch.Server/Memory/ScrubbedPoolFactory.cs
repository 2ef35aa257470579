using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace HashMatch.Server.Memory;

/// <summary>Gives the transport its pools.</summary>
public sealed class ScrubbedPoolFactory : IMemoryPoolFactory<byte>
{
    /// <summary>Of a connection: more than what a stream may have on its way by default, so that it comes in at once.
    /// </summary>
    private const int ConnectionBytes = 64 * 1024;

    /// <summary>Of a stream: a frame of data.</summary>
    private const int StreamBytes = 16 * 1024;

    private const long MostWideBytes = 32 << 20;

    private readonly WideBuffers _wide = new(MostWideBytes);

    public ScrubbedPoolFactory() => Streams = new ScrubbedPool(StreamBytes, _wide);

    /// <summary>What streams' bodies lie in.</summary>
    public MemoryPool<byte> Streams { get; }

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ScrubbedPool(ConnectionBytes, _wide);
}
