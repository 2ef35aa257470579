using HashMatch.Imaging;

namespace HashMatch.Tests.Imaging;

/// <summary>Cancels the decode that feeds it.</summary>
internal sealed class CancellingSink(CancellationTokenSource source, int afterRows) : IPictureSink
{
    public int Rows { get; private set; }

    public void Start(in PictureShape shape)
    {
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
        if (++Rows == afterRows)
        {
            source.Cancel();
        }
    }
}
