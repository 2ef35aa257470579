using System.Runtime.CompilerServices;

namespace HashMatch.Imaging.Hashing;

/// <summary>Pixels of a row, evenly spaced: enough to tell how near it is to a colour on average.</summary>
[InlineArray(Count)]
internal struct RowSamples
{
    private const int Count = 32;

    private float _first;

    /// <summary>Takes the samples of a row.</summary>
    public void Take(ReadOnlySpan<float> row)
    {
        // In 65536ths of a pixel.
        long step = ((long)row.Length << 16) / Count;
        long at = step / 2;
        foreach (ref float sample in this)
        {
            sample = row[(int)(at >> 16)];
            at += step;
        }
    }

    public readonly float Mean()
    {
        float sum = 0;
        foreach (float sample in this)
        {
            sum += sample;
        }

        return sum / Count;
    }

    /// <summary>How far the samples are from a colour on average.</summary>
    public readonly float Deviation(float colour)
    {
        float sum = 0;
        foreach (float sample in this)
        {
            sum += MathF.Abs(sample - colour);
        }

        return sum / Count;
    }
}
