using System.Text;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

/// <summary>Alone, since what lives in memory is everybody's.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ListFileFormat.Csv, 64)]
    [InlineData(ListFileFormat.Ncmec, 64)]
    [InlineData(ListFileFormat.StopNcii, 64)]
    [InlineData(ListFileFormat.Vics, 200)]
    public async Task Memory_does_not_grow_with_the_file(ListFileFormat format, int megabytes)
    {
        const long MaxLiveBytes = 24_000_000;
        (string head, string body, string tail) = Endless(format);
        using Repeated file = new(head, body, tail, megabytes * 1_000_000L);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long largest = 0;
        long lines = 0;
        await foreach (ListLine line in HashListReader.ReadAsync(file, new ListReadOptions { Format = format }, Token))
        {
            Assert.Null(line.Error);
            if (++lines % 50_000 == 0)
            {
                largest = Math.Max(largest, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.True(lines > 150_000);
        Assert.True(largest < MaxLiveBytes, $"{largest} bytes live");
    }

    // A body that can be said again and again.
    private static (string Head, string Body, string Tail) Endless(ListFileFormat format)
    {
        string text = StreamingTests.Sample(format, new Random(5), 50);
        (string first, string last) = format switch
        {
            ListFileFormat.Ncmec => ("<images", "</queryResult>"),
            ListFileFormat.StopNcii => ("{\"lastMod", "]}"),
            ListFileFormat.Vics => ("{\"MediaID", "]}"),
            _ => ("\n", ""),
        };
        int start = text.IndexOf(first, StringComparison.Ordinal) + (first == "\n" ? 1 : 0);
        int end = last.Length == 0 ? text.Length : text.LastIndexOf(last, StringComparison.Ordinal);
        string separator = first[0] == '{' ? "," : "";
        string body = text[start..end];
        return (text[..start] + body, separator + body, text[end..]);
    }

    /// <summary>A head, a body again and again, and a tail.</summary>
    private sealed class Repeated(string head, string body, string tail, long length) : MemoryStream
    {
        private readonly byte[] _body = Encoding.UTF8.GetBytes(body);
        private readonly byte[] _tail = Encoding.UTF8.GetBytes(tail);
        private byte[] _now = Encoding.UTF8.GetBytes(head);
        private int _at;
        private long _given;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_at == _now.Length && _now != _tail)
            {
                _now = _given < length ? _body : _tail;
                _at = 0;
            }

            int given = Math.Min(buffer.Length, _now.Length - _at);
            _now.AsSpan(_at, given).CopyTo(buffer.Span);
            _at += given;
            _given += given;
            return ValueTask.FromResult(given);
        }
    }
}
