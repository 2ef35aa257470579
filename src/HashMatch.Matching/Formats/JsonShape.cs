using System.Text.Json;

namespace HashMatch.Matching.Formats;

/// <summary>Which JSON a source writes, and how one of its records is read.</summary>
internal abstract class JsonShape
{
    /// <summary>
    /// Names of arrays that hold records. They are found in objects within any other, so that pages may follow each
    /// other or lie in an array.
    /// </summary>
    public abstract IReadOnlyList<string> RecordArrays { get; }

    /// <summary>Reads one record, which has begun and is ended by the caller.</summary>
    public abstract void Read(JsonElement record, RecordLines lines);
}
