using System.Buffers.Binary;
using HashMatch.Imaging.Headers;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Jpeg;

/// <summary>Walks a file's markers and reads those scans that luma needs.</summary>
internal ref struct JpegFile
{
    // T.81 sets none; encoders write a dozen, and a progressive picture of three components cannot use as many.
    private const int MaxScans = 500;

    // As many passes over a picture of the most pixels as ImageDecoder allows.
    private const int MaxPasses = 8;

    private readonly ReadOnlySpan<byte> _image;
    private readonly JpegTables _tables;
    private readonly int _reduction;
    private readonly ImageLimits _limits;
    private readonly IPictureSink _sink;
    private readonly CancellationToken _cancellation;
    private readonly TwinUse? _twins;
    private readonly CoefficientStore?[] _stores = new CoefficientStore?[3];
    private readonly byte[] _lowBits = new byte[64];
    private JpegColour _colour;
    private JpegFrame? _frame;
    private LumaRows? _rows;
    private int _at = 2;
    private int _restartInterval;
    private int _scans;
    private long _work;
    private bool _isWhole;
    private bool _isPassing;

    public JpegFile(
        ReadOnlySpan<byte> image,
        JpegTables tables,
        int reduction,
        ImageLimits limits,
        IPictureSink sink,
        TwinUse? twins,
        CancellationToken cancellation)
    {
        _image = image;
        _tables = tables;
        _reduction = reduction;
        _limits = limits;
        _sink = sink;
        _cancellation = cancellation;
        _twins = twins;
        _lowBits.AsSpan().Fill(byte.MaxValue);
    }

    /// <summary>Reads up to the end of the picture.</summary>
    /// <returns>Null when all of it is in the sink.</returns>
    public JpegProblem? Read()
    {
        if (!_image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
        {
            return JpegProblem.Corrupt("The file is no JPEG.");
        }

        while (JpegHeader.TryNextMarker(_image, ref _at, out byte marker))
        {
            if (_cancellation.IsCancellationRequested)
            {
                return JpegProblem.TimedOut;
            }

            _isPassing = false;
            if (marker == 0xD9)
            {
                return Finish(isEnded: true);
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }

            if (_image.Length - _at < 2)
            {
                break;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_image[_at..]);
            if (length < 2)
            {
                return JpegProblem.Corrupt("A JPEG segment is shorter than its own length.");
            }

            if (_image.Length - _at < length)
            {
                break;
            }

            ReadOnlySpan<byte> segment = _image.Slice(_at + 2, length - 2);
            _at += length;
            if (See(marker, segment) is JpegProblem problem)
            {
                return problem;
            }

            if (_isWhole)
            {
                return null;
            }
        }

        return Finish(isEnded: false);
    }

    public void Dispose()
    {
        _rows?.Dispose();
        foreach (CoefficientStore? store in _stores)
        {
            store?.Dispose();
        }
    }

    private JpegProblem? See(byte marker, ReadOnlySpan<byte> segment)
    {
        switch (marker)
        {
            case 0xC4:
                return _tables.TryDefineHuffman(segment) ? null : JpegProblem.Corrupt("A Huffman table is broken.");
            case 0xDB:
                return _tables.TryDefineSteps(segment) ? null : JpegProblem.Corrupt("A quantisation table is broken.");
            case 0xDD:
                if (segment.Length != 2)
                {
                    return JpegProblem.Corrupt("The restart interval is broken.");
                }

                _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                return null;
            case 0xDA:
                return ReadScan(segment);
            case 0xC0 or 0xC1 or 0xC2:
                return ReadFrame(marker, segment);
            case >= 0xC3 and <= 0xCF and not (0xC8 or 0xCC):
                return new JpegProblem(
                    DecodeStatus.UnsupportedFormat, "The JPEG is lossless, hierarchical or arithmetic-coded.");
            default:
                _colour.See(marker, segment);
                return null;
        }
    }

    private JpegProblem? ReadFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (_frame is not null)
        {
            return JpegProblem.Corrupt("The JPEG has two frames.");
        }

        if (segment.Length >= 6 && (segment[0] != 8 || segment[5] is not (0 or 1 or 3)))
        {
            return new JpegProblem(DecodeStatus.UnsupportedFormat, "The JPEG is not of 8 bits, or of other colours.");
        }

        _frame = JpegFrame.Read(marker, segment);
        if (_frame is null)
        {
            return JpegProblem.Corrupt("The JPEG's frame header is broken.");
        }

        long pixels = (long)_frame.Width * _frame.Height;
        return _frame.Width > _limits.MaxWidth || _frame.Height > _limits.MaxHeight || pixels > _limits.MaxPixels
            ? new JpegProblem(DecodeStatus.TooManyPixels, Details.TooLarge)
            : null;
    }

    private JpegProblem? ReadScan(ReadOnlySpan<byte> segment)
    {
        if (_frame is null || JpegScan.Read(_frame, segment) is not JpegScan scan)
        {
            return JpegProblem.Corrupt("A JPEG scan header is broken.");
        }

        if (++_scans > MaxScans)
        {
            return JpegProblem.TooMuchWork;
        }

        bool isRgb = _frame.Components.Length == 3 && _colour.IsRgb(
            (byte)_frame.Components[0].Id, (byte)_frame.Components[1].Id, (byte)_frame.Components[2].Id);
        if (isRgb && (!_frame.HasOneSampling || (!_frame.IsProgressive && scan.Components.Length < 3)))
        {
            return new JpegProblem(DecodeStatus.UnsupportedFormat, "The JPEG's RGB is not of one piece.");
        }

        int wanted = isRgb ? 3 : 1;
        if (scan.Components.All(component => component >= wanted))
        {
            _isPassing = true;
            return null;
        }

        foreach (int i in scan.Components.Where(i => i < wanted))
        {
            JpegComponent component = _frame.Components[i];
            component.Steps ??= _tables.Steps(component.Table);
            if (component.Steps.Length == 0)
            {
                return JpegProblem.Corrupt("A quantisation table is missing.");
            }
        }

        _rows ??= new LumaRows(_frame, isRgb, _reduction, _sink);
        return _frame.IsProgressive ? ReadProgressive(scan) : ReadSequential(scan);
    }

    private JpegProblem? ReadSequential(JpegScan scan)
    {
        _tables.DefineStandard();
        var components = new ScanComponent[scan.Components.Length];
        var planes = new ComponentPlane?[components.Length];
        try
        {
            for (int i = 0; i < components.Length; i++)
            {
                HuffmanTable dc = _tables.Dc(scan.DcTables[i]);
                HuffmanTable ac = _tables.Ac(scan.AcTables[i]);
                if (!dc.Build(isDc: true) || !ac.Build(isDc: false))
                {
                    return JpegProblem.Corrupt("A Huffman table is missing or broken.");
                }

                JpegComponent component = _frame!.Components[scan.Components[i]];
                (int h, int v) = scan.IsInterleaved ? (component.H, component.V) : (1, 1);
                bool isWanted = scan.Components[i] < _rows!.Wanted;
                planes[i] = isWanted
                    ? new ComponentPlane(_rows.Reduction, component.BlocksAcross, v, VectorWidths.Widest)
                    : null;
                components[i] = new ScanComponent
                {
                    H = h,
                    V = v,
                    Dc = dc,
                    Ac = ac,
                    Firsts = isWanted ? [] : FirstsOf(components.AsSpan(0, i), dc, ac),
                    Places = isWanted ? _rows.Reduction.Places(component.Steps!) : [],
                    Last = _rows.Reduction.Last,
                    Plane = planes[i],
                };
            }

            if (!TryReadTwins(scan, components, out JpegProblem? problem))
            {
                var reader = new EntropyReader(_image, _at, _tables.Window, scan.BlocksPerMcu);
                problem = SequentialScan.Read(
                    scan, ref reader, components, _restartInterval, _rows!, _cancellation);
            }

            _isWhole = problem is null;
            return problem;
        }
        finally
        {
            foreach (ComponentPlane? plane in planes)
            {
                plane?.Dispose();
            }
        }
    }

    private readonly bool TryReadTwins(JpegScan scan, ScanComponent[] components, out JpegProblem? problem)
    {
        problem = null;
        int minBytes = _twins?.MinBytes ?? TwinScan.MinBytes;
        if (_image.Length - _at < minBytes || !TwinScan.CanRead(scan, components, _restartInterval, _rows!.Reduction))
        {
            return false;
        }

        bool isRead = TwinScan.TryRead(scan, _image, _at, components, _rows, _twins, _cancellation, out problem);
        _twins?.Count(isRead);
        return isRead;
    }

    // Chroma's two components mostly have the same tables.
    private readonly ushort[] FirstsOf(ReadOnlySpan<ScanComponent> before, HuffmanTable dc, HuffmanTable ac)
    {
        foreach (ScanComponent component in before)
        {
            if (component.Plane is null && component.Dc == dc && component.Ac == ac)
            {
                return component.Firsts;
            }
        }

        return _tables.Firsts(before.Length, dc, ac);
    }

    private JpegProblem? ReadProgressive(JpegScan scan)
    {
        (int start, int end) = scan.Band;
        if (scan.Components[0] == 0)
        {
            _lowBits.AsSpan(start..(end + 1)).Fill((byte)scan.Low);
        }

        // A band that is too fine is passed over unread. So are the last bits of AC where blocks shrink to few pixels:
        // reading them takes all of a band's coefficients.
        Reduction reduction = _rows!.Reduction;
        if (start > reduction.Last || (start > 0 && scan.High > 0 && reduction.Factor > 1))
        {
            _isPassing = true;
            return null;
        }

        _work += 64L * scan.McusAcross * scan.McusDown * scan.BlocksPerMcu;
        if (_work > MaxPasses * _limits.MaxPixels)
        {
            return JpegProblem.TooMuchWork;
        }

        int count = scan.Components.Length;
        var components = new JpegComponent[count];
        var tables = new HuffmanTable[count];
        var stores = new CoefficientStore?[count];
        for (int i = 0; i < count; i++)
        {
            int index = scan.Components[i];
            components[i] = _frame!.Components[index];
            tables[i] = start == 0 ? _tables.Dc(scan.DcTables[i]) : _tables.Ac(scan.AcTables[i]);
            if ((start > 0 || scan.High == 0) && !tables[i].Build(isDc: start == 0))
            {
                return JpegProblem.Corrupt("A Huffman table is missing or broken.");
            }

            if (index < _rows.Wanted)
            {
                stores[i] = _stores[index] ??= new CoefficientStore(components[i], reduction);
            }
        }

        var reader = new EntropyReader(_image, _at, _tables.Window, scan.BlocksPerMcu);
        var pass = new ProgressiveScan(scan, components, tables, stores, new int[count]);
        JpegProblem? problem = pass.Read(ref reader, _restartInterval, _cancellation);
        _at = reader.Next;
        return problem;
    }

    private readonly JpegProblem? Finish(bool isEnded)
    {
        // Without its end marker a picture is whole when its last bits are there; who passed over a scan does not know.
        if (!isEnded && (_isPassing || _frame is not { IsProgressive: true }
            || _lowBits.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return JpegProblem.EndsEarly;
        }

        if (_frame is not { IsProgressive: true } || _rows is null
            || _stores.AsSpan(0, _rows.Wanted).Contains(null) || _lowBits[0] == byte.MaxValue)
        {
            return JpegProblem.Corrupt("The JPEG has no scan of its luma.");
        }

        var planes = new ComponentPlane[_rows.Wanted];
        try
        {
            for (int i = 0; i < planes.Length; i++)
            {
                planes[i] = new ComponentPlane(
                    _rows.Reduction, _stores[i]!.Component.BlocksAcross, 1, VectorWidths.Widest);
            }

            for (int y = 0; _rows.Count < _rows.Height; y++)
            {
                if (_cancellation.IsCancellationRequested)
                {
                    return JpegProblem.TimedOut;
                }

                for (int i = 0; i < planes.Length; i++)
                {
                    _stores[i]!.Copy(y, planes[i]);
                }

                _rows.Add(planes, 1);
            }

            return null;
        }
        finally
        {
            foreach (ComponentPlane? plane in planes)
            {
                plane?.Dispose();
            }
        }
    }
}
