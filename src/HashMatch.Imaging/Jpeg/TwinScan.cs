namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Reads a large sequential scan at two places in turns. What reading in order waits for is each symbol's length, which
/// says where the next one begins, and guesses about it that were wrong; two lanes without branches wait together.
/// Whoever begins in the middle reads nonsense at first, but soon is at the true start of a block, at its place in an
/// MCU, and from there on all is right but DC, which is kept as differences anyway. The first lane proves it: it reads
/// into what the second one has read, until both are at the same bit and the same block of the MCU. Where they do not
/// meet, and wherever else a file is not as most are, the scan is read in order from its start; the rows that the first
/// lane has given by then are the first ones of that, too.
/// </summary>
internal static class TwinScan
{
    /// <summary>Bytes of a scan below which it does not pay.</summary>
    public const int MinBytes = 128 * 1024;

    // Arrays of up to so many bytes are pooled.
    private const int MaxStoreBytes = 16 * 1024 * 1024;

    // Kept coefficients that the first lane has room for. Half of it goes to rows at a time: what that reads and writes
    // takes the place of tables in the processor's first cache.
    private const int StoreValues = 32 * 1024;

    // Blocks whose starts the second lane notes for the first one to find; as many as bytes allow.
    private const int MinNotes = 256;
    private const int MaxNotes = 1024;
    private const int BytesEachNote = 256;

    // What ordinary files need few of costs most where there are many.
    private const int MaxFalseStarts = 256;
    private const int TriesEachNote = 16;
    private const int FreeStuffed = 1024;
    private const int BytesEachStuffed = 16;

    /// <summary>Whether a scan is of the kind that this reads.</summary>
    public static bool CanRead(JpegScan scan, ScanComponent[] components, int restartInterval, Reduction reduction) =>
        restartInterval == 0
        && reduction.Factor > 1
        && components.Count(component => component.Plane is not null) == 1
        && BlocksOf(scan, Luma(components)) * reduction.Count * sizeof(short) <= MaxStoreBytes;

    /// <summary>Reads all of the scan, or gives up.</summary>
    /// <param name="scan">As <see cref="CanRead"/> takes it.</param>
    /// <param name="image">The file.</param>
    /// <param name="start">Where the scan's data begin.</param>
    /// <param name="components">In the order of the MCU; the one with a plane is wanted.</param>
    /// <param name="rows">Gets the rows; when they are to be read in order, they begin anew.</param>
    /// <param name="use">From how many bytes on, and what became of it; null for <see cref="MinBytes"/>.</param>
    /// <param name="cancellation">Looked at with each window, and each row of MCUs.</param>
    /// <param name="problem">Why the decode ends, when it does.</param>
    /// <returns>False when the scan is to be read in order.</returns>
    public static bool TryRead(
        JpegScan scan,
        ReadOnlySpan<byte> image,
        int start,
        ScanComponent[] components,
        LumaRows rows,
        TwinUse? use,
        CancellationToken cancellation,
        out JpegProblem? problem)
    {
        problem = null;
        int end = EndOf(image, start);
        int length = end - start;
        if (length < (use?.MinBytes ?? MinBytes))
        {
            return false;
        }

        ReadOnlySpan<byte> data = image[..end];
        int middle = start + (length / 2);
        while (middle < data.Length && data[middle - 1] == 0xFF)
        {
            middle++;
        }

        // The second lane has half of the bytes, but maybe more of the blocks; what it has no room for waits.
        ScanComponent luma = Luma(components);
        int blocks = (int)BlocksOf(scan, luma);
        int room = (StoreValues / rows.Reduction.Count) - 3;
        int ahead = (blocks / 2) + (blocks / 8) + MaxNotes;
        using var machine = new ScanMachine(components, rows.Reduction);
        short[] store = ScrubbedArrays<short>.Rent((room + 3) * machine.Count);
        short[] second = ScrubbedArrays<short>.Rent((ahead + 3) * machine.Count);
        long[] notes = ScrubbedArrays<long>.Rent(MaxNotes);
        WantedBlocks? wanted = null;
        try
        {
            var a = new ScanLane(machine, data[..middle], start, 0, store, room);
            var b = new ScanLane(machine, data, middle, 1, second, ahead);
            wanted = new WantedBlocks(scan, luma, rows, cancellation);
            Span<long> noted = notes.AsSpan(0, Math.Clamp(length / BytesEachNote, MinNotes, MaxNotes));
            bool isRead = TryNote(ref b, machine, noted, data.Length - middle)
                && TryBoth(ref a, ref b, machine, wanted, cancellation)
                && TryMeet(ref a, machine, data, noted, wanted, out int from)
                && TryFinish(ref a, ref b, from, machine, scan.McusAcross * scan.McusDown, wanted, cancellation);
            if (!isRead && cancellation.IsCancellationRequested)
            {
                problem = JpegProblem.TimedOut;
                return true;
            }

            if (!isRead)
            {
                luma.Plane!.Restart();
                rows.Restart();
            }

            return isRead;
        }
        finally
        {
            use?.Note(wanted?.Count ?? 0);
            ScrubbedArrays<short>.Return(store);
            ScrubbedArrays<short>.Return(second);
            ScrubbedArrays<long>.Return(notes);
        }
    }

    private static ScanComponent Luma(ScanComponent[] components) =>
        Array.Find(components, component => component.Plane is not null)!;

    private static long BlocksOf(JpegScan scan, ScanComponent component) =>
        (long)scan.McusAcross * scan.McusDown * component.H * component.V;

    // Where the first marker may be, or the file ends; the start when more bytes are stuffed than in any picture.
    private static int EndOf(ReadOnlySpan<byte> image, int start)
    {
        int at = start;
        for (int stuffed = 0; stuffed <= FreeStuffed + ((at - start) / BytesEachStuffed); stuffed++)
        {
            int found = image[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 1 == image.Length)
            {
                return image.Length;
            }

            at += found + 1;
            if (image[at] is not (0 or 0xFF))
            {
                return at - 1;
            }
        }

        return start;
    }

    // A note: a block's first bit (32), where what was done before it ends in the store (28), its place in the MCU (4).
    // Nonsense ends with a symbol that there is not; the next bit is as good a place to begin as the first one was.
    private static bool TryNote(ref ScanLane lane, ScanMachine machine, Span<long> notes, int bytes)
    {
        int count = 0;
        int falseStarts = 0;
        for (int tries = 0; count < notes.Length; tries++)
        {
            // Not up to the end: there may be bits that are of no block.
            if (lane.Reader.Total / 4 > bytes || falseStarts > MaxFalseStarts || tries > TriesEachNote * notes.Length
                || !lane.Reader.Prepare())
            {
                return false;
            }

            notes[count] = (lane.Reader.Total << 32) | ((long)lane.Done << 4) | (long)machine.BlockOf(lane.State);
            int position = lane.Reader.Position;
            count++;
            if (!lane.TryBlock())
            {
                lane.Restart(position + 1);
                falseStarts++;
                count = 0;
            }
        }

        return true;
    }

    private static bool TryBoth(
        ref ScanLane a, ref ScanLane b, ScanMachine machine, WantedBlocks wanted, CancellationToken cancellation)
    {
        while (!a.IsOver)
        {
            if (cancellation.IsCancellationRequested
                || !(b.IsOver ? a.TryRun() : ScanLane.TryRunBoth(ref a, ref b))
                || !TryGive(ref a, machine, wanted, isAll: false))
            {
                return false;
            }
        }

        return true;
    }

    // Whole MCUs alone: in order, a row is given when all of its last MCU is known to be right.
    private static bool TryGive(ref ScanLane lane, ScanMachine machine, WantedBlocks wanted, bool isAll)
    {
        if (lane.Done < StoreValues / 2 && !isAll)
        {
            return true;
        }

        int whole = (wanted.Count + (lane.Done / machine.Count) - machine.WantedBefore(machine.BlockOf(lane.State)))
            / machine.WantedBlocks * machine.WantedBlocks;
        int length = Math.Max(0, whole - wanted.Count) * machine.Count;

        // The data may go on behind the picture, as far as a file may go.
        if (whole > wanted.Most || !wanted.TryAdd(lane.Stored(0, length)))
        {
            return false;
        }

        lane.Drop(length);
        return true;
    }

    private static bool TryMeet(
        ref ScanLane lane, ScanMachine machine, ReadOnlySpan<byte> data, ReadOnlySpan<long> notes, WantedBlocks wanted,
        out int from)
    {
        from = 0;
        if (!lane.Reader.IsStopped)
        {
            return false;
        }

        long middle = 8 * lane.Reader.Length;
        lane.Reader.Lengthen(data);
        int i = 0;
        do
        {
            long at = lane.Reader.Total - middle;
            while (lane.IsBetween && i < notes.Length && notes[i] >> 32 <= at)
            {
                if (notes[i] >> 32 == at && (int)(notes[i] & 15) == machine.BlockOf(lane.State))
                {
                    from = (int)((uint)notes[i] >> 4);
                    return true;
                }

                i++;
            }
        }
        while (i < notes.Length && lane.TryBlock() && !lane.Reader.IsOverrun
            && TryGive(ref lane, machine, wanted, isAll: false));
        return false;
    }

    private static bool TryFinish(
        ref ScanLane a,
        ref ScanLane b,
        int from,
        ScanMachine machine,
        int mcus,
        WantedBlocks wanted,
        CancellationToken cancellation)
    {
        if (wanted.Count + (a.Done / machine.Count) > wanted.Most || !wanted.TryAdd(a.Stored(0, a.Done)))
        {
            return false;
        }

        b.Drop(from);
        while (true)
        {
            int block = machine.BlockOf(b.State);
            int done = (wanted.Count + (b.Done / machine.Count) - machine.WantedBefore(block)) / machine.WantedBlocks;
            bool isEnd = done == mcus && block == 0 && b.IsBetween;
            if (done > mcus || (done == mcus && !isEnd) || b.Reader.IsOverrun
                || !TryGive(ref b, machine, wanted, isAll: isEnd || b.IsOver))
            {
                return false;
            }

            if (isEnd)
            {
                return true;
            }

            if (cancellation.IsCancellationRequested || !(b.IsOver ? b.TryBlock() : b.TryRun()))
            {
                return false;
            }
        }
    }
}
