using System.Buffers.Binary;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// Messages between a process and its worker: four bytes of length, least significant first, then so many bytes.
/// </summary>
internal static class WorkerFrames
{
    /// <summary>Bytes of a message at most: 1,024 frames with all their renditions take 2.2 MB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Writes one message.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public static void Write(Stream stream, ReadOnlySpan<byte> message)
    {
        byte[] frame = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, message.Length);
        message.CopyTo(frame.AsSpan(4));
        stream.Write(frame);
        stream.Flush();
    }

    /// <summary>Reads one message; null at the end of the stream.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    /// <exception cref="InvalidDataException">The length is none.</exception>
    public static byte[]? Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[4];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length is < 0 or > MaxBytes)
        {
            throw new InvalidDataException("A message has no valid length.");
        }

        byte[] message = new byte[length];
        return stream.ReadAtLeast(message, length, throwOnEndOfStream: false) < length ? null : message;
    }
}
