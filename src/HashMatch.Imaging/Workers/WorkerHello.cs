using System.Buffers.Binary;

namespace HashMatch.Imaging.Workers;

/// <summary>A worker's first message, once it is confined: which build it is, and what is in force.</summary>
internal static class WorkerHello
{
    private const int ByteCount = 4 + 16;

    public static byte[] ToBytes(WorkerConfinement confinement)
    {
        byte[] message = new byte[ByteCount];
        BinaryPrimitives.WriteInt32LittleEndian(message, (int)confinement);
        _ = Build.TryWriteBytes(message.AsSpan(4));
        return message;
    }

    /// <summary>Null when it is no hello, or that of another build, whose messages may be others.</summary>
    public static WorkerConfinement? Parse(ReadOnlySpan<byte> message) =>
        message.Length == ByteCount && new Guid(message[4..]) == Build
            ? (WorkerConfinement)BinaryPrimitives.ReadInt32LittleEndian(message) & WorkerConfinement.All
            : null;

    private static Guid Build => typeof(WorkerHello).Module.ModuleVersionId;
}
