using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Workers;

/// <summary>What a worker is asked. The file's bytes are in the shared memory, or follow on the pipe.</summary>
internal sealed record WorkerRequest
{
    /// <summary>Bytes of the message.</summary>
    public const int ByteCount = 48;

    /// <summary>Not <see cref="WorkerDrill.None"/>: a test's order, with no file.</summary>
    public WorkerDrill Drill { get; init; }

    public ImageFormat Format { get; init; }

    /// <summary>Bytes of the file.</summary>
    public int Length { get; init; }

    /// <summary>The bytes are in the shared memory.</summary>
    public bool IsShared { get; init; }

    public HashOptions Options { get; init; } = new();

    public ImageLimits Limits { get; init; } = new();

    public byte[] ToBytes()
    {
        byte[] message = new byte[ByteCount];
        message[0] = (byte)Drill;
        message[1] = (byte)Format;
        message[2] = (byte)Options.Fidelity;
        message[3] = (byte)((Options.Trim ? 1 : 0) | (IsShared ? 2 : 0));
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), Options.MaxFrames);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), Limits.MaxImageBytes);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(16), Limits.MaxPixels);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(24), Limits.MaxWidth);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(28), Limits.MaxHeight);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(32), Limits.Timeout.Ticks);
        return message;
    }

    /// <summary>Null when the bytes are no request.</summary>
    public static WorkerRequest? Parse(ReadOnlySpan<byte> message) => message.Length != ByteCount ? null : new()
    {
        Drill = (WorkerDrill)message[0],
        Format = (ImageFormat)message[1],
        IsShared = (message[3] & 2) != 0,
        Length = BinaryPrimitives.ReadInt32LittleEndian(message[8..]),
        Options = new HashOptions
        {
            Fidelity = (PdqFidelity)message[2],
            Trim = (message[3] & 1) != 0,
            MaxFrames = BinaryPrimitives.ReadInt32LittleEndian(message[4..]),
        },
        Limits = new ImageLimits
        {
            MaxImageBytes = BinaryPrimitives.ReadInt32LittleEndian(message[12..]),
            MaxPixels = BinaryPrimitives.ReadInt64LittleEndian(message[16..]),
            MaxWidth = BinaryPrimitives.ReadInt32LittleEndian(message[24..]),
            MaxHeight = BinaryPrimitives.ReadInt32LittleEndian(message[28..]),
            Timeout = TimeSpan.FromTicks(BinaryPrimitives.ReadInt64LittleEndian(message[32..])),
        },
    };
}
