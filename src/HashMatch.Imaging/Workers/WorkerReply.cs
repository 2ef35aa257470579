using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// A worker's answer as bytes: hashes and numbers, never a pixel, never a text. Whoever reads it takes the worker for
/// hostile: what is not a possible answer to the request is none.
/// </summary>
internal static class WorkerReply
{
    private const int HeaderBytes = 20;
    private const int HashesBytes = 1 + (DihedralHashes.Count * PdqHash.ByteCount);
    private const int RenditionBytes = 5 + (2 * HashesBytes);
    private const int Kinds = 1 + (int)RenditionKind.Trimmed;

    public static byte[] ToBytes(ImageHashes hashes)
    {
        byte[] message = new byte[HeaderBytes + (hashes.Renditions.Count * RenditionBytes)];
        message[0] = (byte)hashes.Status;
        message[1] = Details.NumberOf(hashes.Detail);
        message[2] = (byte)hashes.Upright;
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), hashes.Width);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), hashes.Height);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), hashes.FrameCount);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(16), hashes.Renditions.Count);
        Span<byte> rest = message.AsSpan(HeaderBytes);
        foreach (Rendition rendition in hashes.Renditions)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, rendition.Frame);
            rest[4] = (byte)rendition.Kind;
            Write(rendition.Upright, rest[5..]);
            Write(rendition.AsStored, rest[(5 + HashesBytes)..]);
            rest = rest[RenditionBytes..];
        }

        return message;
    }

    /// <summary>Null when the message cannot be the answer to the request.</summary>
    public static ImageHashes? Parse(ReadOnlySpan<byte> message, WorkerRequest request)
    {
        if (message.Length < HeaderBytes)
        {
            return null;
        }

        var status = (DecodeStatus)message[0];
        int width = BinaryPrimitives.ReadInt32LittleEndian(message[4..]);
        int height = BinaryPrimitives.ReadInt32LittleEndian(message[8..]);
        int frames = BinaryPrimitives.ReadInt32LittleEndian(message[12..]);
        int count = BinaryPrimitives.ReadInt32LittleEndian(message[16..]);
        bool isOk = status == DecodeStatus.Ok;
        if (!Enum.IsDefined(status) || message[1] >= Details.All.Count || isOk != (message[1] == 0)
            || message[2] >= DihedralHashes.Count || width < 0 || height < 0 || frames < 1
            || (isOk && (width > request.Limits.MaxWidth || height > request.Limits.MaxHeight))
            || count < 0 || isOk != (count > 0) || count > (long)Kinds * request.Options.MaxFrames
            || message.Length != HeaderBytes + (count * (long)RenditionBytes))
        {
            return null;
        }

        var renditions = new Rendition[count];
        for (int i = 0; i < count; i++)
        {
            if (Parse(message.Slice(HeaderBytes + (i * RenditionBytes), RenditionBytes), frames) is not { } rendition)
            {
                return null;
            }

            renditions[i] = rendition;
        }

        return new ImageHashes
        {
            Status = status,
            Detail = Details.All[message[1]],
            Format = request.Format,
            Width = width,
            Height = height,
            Upright = (Orientation)message[2],
            FrameCount = frames,
            Renditions = renditions,
        };
    }

    private static Rendition? Parse(ReadOnlySpan<byte> message, int frames)
    {
        int frame = BinaryPrimitives.ReadInt32LittleEndian(message);
        return frame < 0 || frame >= frames || message[4] >= Kinds
            || Read(message.Slice(5, HashesBytes)) is not { } upright
            || Read(message.Slice(5 + HashesBytes, HashesBytes)) is not { } stored
            ? null
            : new Rendition(frame, (RenditionKind)message[4], upright, stored);
    }

    private static void Write(in DihedralHashes hashes, Span<byte> destination)
    {
        destination[0] = (byte)hashes.Quality;
        for (int i = 0; i < DihedralHashes.Count; i++)
        {
            hashes[(Orientation)i].Write(destination.Slice(1 + (i * PdqHash.ByteCount), PdqHash.ByteCount));
        }
    }

    private static DihedralHashes? Read(ReadOnlySpan<byte> source)
    {
        if (source[0] > 100)
        {
            return null;
        }

        Span<PdqHash> hashes = stackalloc PdqHash[DihedralHashes.Count];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i] = PdqHash.Read(source.Slice(1 + (i * PdqHash.ByteCount), PdqHash.ByteCount));
        }

        return new DihedralHashes(hashes, source[0]);
    }
}
