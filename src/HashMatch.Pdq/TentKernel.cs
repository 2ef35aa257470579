namespace HashMatch.Pdq;

/// <summary>
/// One axis of PDQ's filter and decimation as a matrix of 64 rows: the weights that the two boxes, cut at the edges,
/// give to each sample for each decimated line. It is worked out at the picture's full length and then folded onto the
/// samples that a reduced decode has stored. Every line's weights add up to 1. The kernel of a mirrored axis is that of
/// the picture turned round, laid over the samples as they are stored: its lines come last first, so that here too no
/// line starts before the one that precedes it.
/// </summary>
internal sealed class TentKernel
{
    /// <summary>Decimated lines.</summary>
    public const int Lines = BoxGeometry.Lines;

    /// <summary>A line's weights are padded with zeros to a multiple of this.</summary>
    public const int Lanes = 16;

    // Kernels over this size are cheap beside their pictures and are built anew.
    private const int MaxKeptWeights = 16 * 1024;
    private const int KeptKernels = 64;

    // A slot is as good as any other; two sizes that share one take turns.
    private static readonly TentKernel?[] Kept = new TentKernel?[KeptKernels];

    private readonly int _length;
    private readonly int _stored;
    private readonly double _scale;
    private readonly bool _isMirrored;
    private readonly int[] _starts = new int[Lines];
    private readonly int[] _counts = new int[Lines];
    private readonly int[] _offsets = new int[Lines];
    private readonly float[] _weights;

    private TentKernel(int length, int stored, double scale, bool isMirrored)
    {
        _length = length;
        _stored = stored;
        _scale = scale;
        _isMirrored = isMirrored;
        BoxGeometry box = new(length);
        double[] tent = new double[(2 * box.Window) + 2];
        double[] folded = new double[Math.Min(stored, tent.Length + 1)];
        List<float> weights = [];
        for (int line = 0; line < Lines; line++)
        {
            int sample = box.Sample(isMirrored ? Lines - 1 - line : line);
            int firstSource = FillTent(box, sample, tent, out int sourceCount);
            if (isMirrored)
            {
                tent.AsSpan(0, sourceCount).Reverse();
                firstSource = length - firstSource - sourceCount;
            }

            _starts[line] = Fold(tent.AsSpan(0, sourceCount), firstSource, folded, out _counts[line]);
            _offsets[line] = weights.Count;
            for (int i = 0; i < (_counts[line] + Lanes - 1) / Lanes * Lanes; i++)
            {
                weights.Add(i < _counts[line] ? (float)folded[i] : 0);
            }
        }

        _weights = [.. weights];
        for (int line = 0; line < Lines; line++)
        {
            int inFlight = 1;
            while (line + inFlight < Lines && _starts[line + inFlight] < _starts[line] + _counts[line])
            {
                inFlight++;
            }

            MaxInFlight = Math.Max(MaxInFlight, inFlight);
        }
    }

    /// <summary>The most lines that one stored sample and those after it may have open at the same time.</summary>
    public int MaxInFlight { get; }

    /// <summary>All weights; see <see cref="Offset"/>.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>The kernel of an axis.</summary>
    /// <param name="length">Samples of the full-size picture, 5 or more.</param>
    /// <param name="stored">Samples that the decode has stored, 1 to <paramref name="length"/>.</param>
    /// <param name="scale">Full-size samples to a stored one, 1 or more, not always whole. The last stored sample
    /// stands for whatever is left.</param>
    /// <param name="isMirrored">The picture is hashed turned round on this axis; line 0 is then its last.</param>
    public static TentKernel For(int length, int stored, double scale, bool isMirrored = false)
    {
        ref TentKernel? slot = ref Kept[(uint)HashCode.Combine(length, stored, scale, isMirrored) % KeptKernels];
        TentKernel? kept = Volatile.Read(ref slot);
        if (kept is not null && kept._length == length && kept._stored == stored && kept._scale.Equals(scale)
            && kept._isMirrored == isMirrored)
        {
            return kept;
        }

        TentKernel kernel = new(length, stored, scale, isMirrored);
        if (kernel._weights.Length <= MaxKeptWeights)
        {
            Volatile.Write(ref slot, kernel);
        }

        return kernel;
    }

    /// <summary>The first stored sample that a line reads.</summary>
    public int Start(int line) => _starts[line];

    /// <summary>How many stored samples a line reads, 1 or more.</summary>
    public int Count(int line) => _counts[line];

    /// <summary>Where a line's weights begin among <see cref="Weights"/>.</summary>
    public int Offset(int line) => _offsets[line];

    /// <summary>The box of a box: weights of full-size samples; returns the first sample.</summary>
    private static int FillTent(BoxGeometry box, int sample, Span<double> tent, out int count)
    {
        int first = box.First(sample);
        int last = box.Last(sample);
        int start = box.First(first);
        count = box.Last(last) - start + 1;

        // Differences first, then their running sum, so that a window of windows costs one window.
        tent.Clear();
        for (int inner = first; inner <= last; inner++)
        {
            int from = box.First(inner);
            int to = box.Last(inner);
            double weight = 1.0 / ((double)(last - first + 1) * (to - from + 1));
            tent[from - start] += weight;
            tent[to - start + 1] -= weight;
        }

        for (int i = 1; i < count; i++)
        {
            tent[i] += tent[i - 1];
        }

        return start;
    }

    /// <summary>Adds the weights up that fall on one stored sample; returns the first stored sample.</summary>
    private int Fold(ReadOnlySpan<double> tent, int firstSource, Span<double> folded, out int count)
    {
        int start = StoredAt(firstSource);
        folded.Clear();
        count = 1;
        for (int i = 0; i < tent.Length; i++)
        {
            int source = firstSource + i;
            int stored = StoredAt(source);
            double here = stored == _stored - 1 ? 1 : Math.Min(1, ((stored + 1) * _scale) - source);
            folded[stored - start] += here * tent[i];
            count = stored - start + 1;
            if (here < 1)
            {
                folded[stored - start + 1] += (1 - here) * tent[i];
                count++;
            }
        }

        return start;
    }

    private int StoredAt(int source) => (int)Math.Min(_stored - 1, Math.Floor(source / _scale));
}
