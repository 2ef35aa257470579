using Google.Protobuf;
using Grpc.Core;
using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Imaging.Png;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Server.Services;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Fuzz;

/// <summary>
/// What takes bytes from strangers, by name. A target returns whatever the bytes are; what it throws is a defect.
/// </summary>
public static class FuzzTargets
{
    /// <summary>The targets.</summary>
    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["jpeg"] = DecodeJpeg,
        ["png"] = DecodePng,
        ["headers"] = ReadHeader,
        ["lists"] = ReadList,
        ["messages"] = ReadMessage,
    };

    // No bytes are an empty file: SharpFuzz reads the first input before AFL is sure to have written it, and AFL takes
    // a target that then runs nothing for one without instrumentation.
    private static (byte First, byte[] Others) Split(byte[] bytes) =>
        bytes.Length == 0 ? ((byte)0, []) : (bytes[0], bytes[1..]);

    // The first byte says how far the decode is reduced.
    private static void DecodeJpeg(byte[] bytes)
    {
        (byte reduced, byte[] file) = Split(bytes);
        Rows.Check(sink => JpegDecoder.Decode(file, 1 << (reduced % 4), Rows.Limits, sink, CancellationToken.None));
    }

    private static void DecodePng(byte[] bytes) =>
        Rows.Check(sink => PngDecoder.Decode(bytes, Rows.Limits, sink, CancellationToken.None));

    private static void ReadHeader(byte[] bytes)
    {
        ImageFormat format = FormatSniffer.Sniff(bytes);
        ImageHeader header = HeaderLimits.Check(ImageHeader.Read(format, bytes), Rows.Limits);
        if (header.Status == DecodeStatus.Ok && (header.Length < 0 || header.Length > bytes.Length))
        {
            throw new InvalidOperationException("A header's bytes are the file's.");
        }
    }

    // The first byte says which shape is read, so that one corpus serves all.
    private static void ReadList(byte[] bytes)
    {
        (byte shape, byte[] lines) = Split(bytes);
        // A database is read from a file and by SQLite: it is no matter of these bytes.
        ListFileFormat format = (ListFileFormat)(shape % (int)ListFileFormat.Nsrl);
        using var file = new MemoryStream(lines);
        foreach (ListLine line in HashListReader
            .ReadAsync(file, format, HashType.Pdq, CancellationToken.None).ToBlockingEnumerable())
        {
            bool[] said =
            [
                line.Entry is not null, line.Error is not null, line.Removed is not null, line.LeftOut is not null,
                line.VoidsRecord,
            ];
            if (said.Count(each => each) != 1 || line.Line < 1)
            {
                throw new InvalidOperationException("A line says one thing, and where.");
            }

            if (line.Entry is not null && EntryGuard.Problem(line.Entry) is { } problem)
            {
                throw new InvalidOperationException($"An entry that is read is good: {problem}.");
            }
        }
    }

    // The first byte says which request is parsed; then what the services do with it at the edge.
    private static void ReadMessage(byte[] bytes)
    {
        (byte kind, byte[] message) = Split(bytes);
        try
        {
            Read(Requests.Of(kind).ParseFrom(message));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or RpcException)
        {
            // What the caller is told.
        }
    }

    private static void Read(IMessage message)
    {
        switch (message)
        {
            case V1.MatchRequest request:
                MatchingMessages.Read(request.Options, static _ => true);
                break;
            case V1.MatchUploadRequest request:
                MatchingMessages.Read(request.Options, static _ => true);
                break;
            case V1.MatchStreamRequest request:
                MatchingMessages.Read(request.Options, static _ => true);
                break;
            case V1.MatchHashesRequest request:
                for (int i = 0; i < request.Queries.Count; i++)
                {
                    MatchingMessages.Read(request.Queries[i], i);
                }

                break;
            case V1.HashRequest request:
                MatchingMessages.Read(request.Fidelity, "fidelity");
                break;
            case V1.UpdateListRequest request:
                ListMessages.Read(request);
                break;
            case V1.AddEntriesRequest request:
                ListMessages.Read(request.Entries);
                break;
            case V1.RemoveEntriesRequest request:
                ListMessages.Read(request.Keys);
                break;
            case V1.StageVersionRequest { Batch: { } batch }:
                foreach (V1.Entry entry in batch.Entries)
                {
                    ListMessages.Read(entry, 1);
                }

                break;
        }
    }
}
