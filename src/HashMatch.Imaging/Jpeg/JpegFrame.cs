using System.Buffers.Binary;

namespace HashMatch.Imaging.Jpeg;

/// <summary>A frame header (ITU T.81, B.2.2): baseline, extended sequential or progressive, 8 bits.</summary>
internal sealed class JpegFrame
{
    private const int MaxSampling = 4;

    private JpegFrame(bool isProgressive, int width, int height, JpegComponent[] components)
    {
        IsProgressive = isProgressive;
        Width = width;
        Height = height;
        Components = components;
        MaxH = components.Max(component => component.H);
        MaxV = components.Max(component => component.V);
    }

    public bool IsProgressive { get; }

    public int Width { get; }

    public int Height { get; }

    public JpegComponent[] Components { get; }

    /// <summary>The largest horizontal sampling factor.</summary>
    public int MaxH { get; }

    /// <summary>The largest vertical sampling factor.</summary>
    public int MaxV { get; }

    /// <summary>Whether all components have the same sampling factors.</summary>
    public bool HasOneSampling => Components.All(component => component.H == MaxH && component.V == MaxV);

    /// <summary>MCUs in a row of an interleaved scan.</summary>
    public int McusAcross => DivideUp(Width, 8 * MaxH);

    /// <summary>Rows of MCUs of an interleaved scan.</summary>
    public int McusDown => DivideUp(Height, 8 * MaxV);

    /// <summary>Reads the segment behind SOF0, SOF1 or SOF2.</summary>
    /// <returns>Null when it breaks a rule.</returns>
    public static JpegFrame? Read(byte marker, ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3)
            || segment.Length != 6 + (3 * segment[5]))
        {
            return null;
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        ReadOnlySpan<byte> entries = segment[6..];
        int maxH = 1;
        int maxV = 1;
        for (int i = 0; i < entries.Length; i += 3)
        {
            (int h, int v) = (entries[i + 1] >> 4, entries[i + 1] & 15);
            if (h is 0 or > MaxSampling || v is 0 or > MaxSampling || entries[i + 2] > 3)
            {
                return null;
            }

            (maxH, maxV) = (Math.Max(maxH, h), Math.Max(maxV, v));
        }

        if (width == 0 || height == 0)
        {
            return null;
        }

        var components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(3 * i, 3);
            (int h, int v) = (entry[1] >> 4, entry[1] & 15);
            components[i] = new JpegComponent
            {
                Id = entry[0],
                H = h,
                V = v,
                Table = entry[2],
                Width = DivideUp(width * h, maxH),
                Height = DivideUp(height * v, maxV),
                BlocksAcross = DivideUp(width, 8 * maxH) * h,
                BlocksDown = DivideUp(height, 8 * maxV) * v,
            };
        }

        return new JpegFrame(marker == 0xC2, width, height, components);
    }

    public static int DivideUp(int value, int divisor) => (value + divisor - 1) / divisor;
}
