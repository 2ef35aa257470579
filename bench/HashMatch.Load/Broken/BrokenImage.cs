namespace HashMatch.Load.Broken;

/// <summary>One file to send.</summary>
/// <param name="Name">Names it in a report, and makes it again where it was generated.</param>
/// <param name="Bytes">The file.</param>
internal sealed record BrokenImage(string Name, byte[] Bytes);
