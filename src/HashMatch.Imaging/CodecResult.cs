namespace HashMatch.Imaging;

/// <summary>How a codec's work on one file ended.</summary>
/// <param name="Status">Ok once every row of the picture is in the sink.</param>
/// <param name="Detail">One sentence for a person, without any of the upload's content; empty when Ok.</param>
internal readonly record struct CodecResult(DecodeStatus Status, string Detail)
{
    public static CodecResult Ok => new(DecodeStatus.Ok, "");
}
