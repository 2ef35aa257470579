using Microsoft.Win32.SafeHandles;

namespace HashMatch.Server.Recording;

/// <content>Reads what the store does not have yet, from the oldest file on, and deletes files that it has.</content>
internal sealed partial class EventWal
{
    private const int WindowBytes = 256 << 10;

    private WalSegment? _reading;
    private SafeFileHandle? _readFile;
    private byte[] _window = new byte[WindowBytes];
    private long _at;
    private Guid _readLog;
    private long _readPlace;

    /// <summary>The next events that the store may not have; the same ones until they are let go of.</summary>
    /// <param name="limit">Most of them.</param>
    /// <returns>Null when there are none now.</returns>
    /// <exception cref="IOException">A file cannot be read now.</exception>
    public WalBatch? Read(int limit)
    {
        while (true)
        {
            WalSegment segment;
            long end;
            bool isSealed;
            lock (_segments)
            {
                if (_segments.Count == 0)
                {
                    return null;
                }

                segment = _segments[0];
                (end, isSealed) = (segment.Bytes, segment.IsSealed);
            }

            if (!ReferenceEquals(segment, _reading) && !TryBegin(segment, end))
            {
                continue;
            }

            if (_at >= end)
            {
                if (!isSealed)
                {
                    return null;
                }

                Delete(segment);
                continue;
            }

            if (ReadFrames(end, limit) is { } batch)
            {
                return batch;
            }
        }
    }

    /// <summary>Lets go of events that the store has.</summary>
    /// <param name="batch">What was read last.</param>
    /// <param name="place">The place that the store has reached in the batch's log.</param>
    public void LetGo(WalBatch batch, long place)
    {
        _at = batch.End;
        _readPlace = Math.Max(place, batch.Last);
    }

    // A log goes on over files, and its places with it.
    private bool TryBegin(WalSegment segment, long end)
    {
        CloseReading();
        try
        {
            _readFile = File.OpenHandle(segment.Path, share: FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            logger.LogError("A file of the write-ahead log of events is gone, and what it held with it");
            metrics.WalDamaged();
            Delete(segment);
            return false;
        }

        _reading = segment;
        _at = WalSegment.HeaderBytes;
        if (segment.Log != _readLog)
        {
            (_readLog, _readPlace) = (segment.Log, 0);
        }

        byte[] header = new byte[WalSegment.HeaderBytes];
        if (end > header.Length
            && (RandomAccess.Read(_readFile, header, 0) != header.Length || !segment.IsHeader(header)))
        {
            logger.LogError("The first bytes of a file of the write-ahead log of events are damaged; the rest is read");
            metrics.WalDamaged();
        }

        return true;
    }

    // Null when there is nothing to hand on: frames that the store has, or damage; _at is behind it then.
    private WalBatch? ReadFrames(long end, int limit)
    {
        List<ReadOnlyMemory<byte>> documents = [];
        long first = 0;
        long last = _readPlace;
        long seed = WalFrame.SeedOf(_readLog);
        int filled = Fill(end);
        int at = 0;
        while (documents.Count < limit)
        {
            ReadOnlySpan<byte> rest = _window.AsSpan(at, filled - at);
            int length = WalFrame.Read(rest, seed, 0, out long place);
            if (length == 0)
            {
                if (documents.Count == 0 && at == 0)
                {
                    PassDamage(end);
                    return null;
                }

                break;
            }

            if (place > last)
            {
                // A commit that failed leaves a gap in the places; a batch has none.
                if (documents.Count > 0 && place != last + 1)
                {
                    break;
                }

                first = documents.Count == 0 ? place : first;
                last = place;
                documents.Add(rest[WalFrame.HeaderBytes..length].ToArray());
            }
            else if (documents.Count > 0)
            {
                break;
            }

            at += length;
        }

        if (documents.Count > 0)
        {
            return new WalBatch(_readLog.ToString("N"), first, documents, _at + at);
        }

        _at += at;
        return null;
    }

    /// <summary>Reads ahead from where reading stands: at least one whole frame, where there is one.</summary>
    private int Fill(long end)
    {
        int filled = FillWindow(end);
        int length = WalFrame.LengthOf(_window.AsSpan(0, filled));
        if (length > filled && length <= end - _at)
        {
            Array.Resize(ref _window, length);
            filled = FillWindow(end);
        }

        return filled;
    }

    private int FillWindow(long end)
    {
        int wanted = (int)Math.Min(_window.Length, end - _at);
        int filled = 0;
        while (filled < wanted
            && RandomAccess.Read(_readFile!, _window.AsSpan(filled, wanted - filled), _at + filled) is > 0 and int read)
        {
            filled += read;
        }

        return filled;
    }

    /// <summary>Goes on at the next whole frame; where there is none, at the end.</summary>
    private void PassDamage(long end)
    {
        long from = _at;
        long seed = WalFrame.SeedOf(_readLog);
        metrics.WalDamaged();
        for (_at++; _at < end;)
        {
            // A window that ends in the middle of a frame is read again from that frame on.
            int filled = FillWindow(end);
            int whole = _at + filled >= end ? filled : filled - WalFrame.HeaderBytes - WalFrame.MaxDocumentBytes;
            if (whole <= 0 && filled > 0 && _at + filled < end)
            {
                Array.Resize(ref _window, WalFrame.HeaderBytes + WalFrame.MaxDocumentBytes + WindowBytes);
                continue;
            }

            for (int i = 0; i < whole; i++)
            {
                if (WalFrame.Read(_window.AsSpan(i, filled - i), seed, _readPlace, out long place) > 0)
                {
                    _at += i;
                    logger.LogError(
                        "{Bytes} bytes in the write-ahead log of events are damaged; events lost there: {Events}",
                        _at - from,
                        _readPlace == 0 ? "unknown" : place - _readPlace - 1);
                    return;
                }
            }

            _at = whole <= 0 ? end : _at + whole;
        }

        _at = end;
        logger.LogWarning(
            "The last {Bytes} bytes of a file of the write-ahead log of events are no whole event and are cut off",
            end - from);
    }

    private void DeleteRead()
    {
        try
        {
            _ = Read(1);
        }
        catch (IOException)
        {
            // A later process reads it.
        }
    }

    private void Delete(WalSegment segment)
    {
        CloseReading();
        lock (_segments)
        {
            _segments.Remove(segment);
        }

        DeleteFile(segment);
    }

    private void DeleteFile(WalSegment segment)
    {
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Read again by a later process, and passed over by the store.
            logger.LogWarning("A file of the write-ahead log of events could not be deleted: {Reason}", e.Message);
        }
    }

    private void CloseReading()
    {
        _readFile?.Dispose();
        (_readFile, _reading) = (null, null);
    }
}
