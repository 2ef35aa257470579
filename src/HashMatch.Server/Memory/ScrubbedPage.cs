using System.Buffers;

namespace HashMatch.Server.Memory;

/// <summary>One buffer of a <see cref="ScrubbedPool"/>; what is not its memory is guarded by the pool.</summary>
internal sealed class ScrubbedPage(ScrubbedPool pool, Memory<byte> memory) : IMemoryOwner<byte>
{
    public Memory<byte> Memory { get; } = memory;

    /// <summary>Somebody has it.</summary>
    public bool IsRented { get; set; }

    /// <summary>It is zeroed once more soon.</summary>
    public bool IsAwaited { get; set; }

    public void Dispose() => pool.Return(this);
}
