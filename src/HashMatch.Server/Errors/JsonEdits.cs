using System.Buffers;

namespace HashMatch.Server.Errors;

/// <summary>Where a body says what protobuf's JSON mapping allows and the transcoder does not read, and what it reads
/// instead.</summary>
internal sealed class JsonEdits
{
    private readonly List<(long Start, long End, byte[] Text)> _edits = [];

    /// <summary>The first that is not behind what was copied.</summary>
    private int _next;

    /// <summary>Whether the body is not to be read as it is.</summary>
    public bool Any => _edits.Count > 0;

    /// <summary>Puts other text in place; one after the other.</summary>
    public void Replace(long start, long end, ReadOnlySpan<byte> text) => _edits.Add((start, end, text.ToArray()));

    /// <summary>Copies a part of the body with its edits; parts in their order, and no edit cut in two.</summary>
    public void Copy(in ReadOnlySequence<byte> body, long start, long end, IBufferWriter<byte> to)
    {
        for (; _next < _edits.Count && _edits[_next].Start < end; _next++)
        {
            (long from, long behind, byte[] text) = _edits[_next];
            if (from >= start)
            {
                Write(body.Slice(start, from - start), to);
                to.Write(text);
                start = behind;
            }
        }

        Write(body.Slice(start, end - start), to);
    }

    private static void Write(in ReadOnlySequence<byte> bytes, IBufferWriter<byte> to)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            to.Write(part.Span);
        }
    }
}
