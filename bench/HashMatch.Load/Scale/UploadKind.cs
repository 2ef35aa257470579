namespace HashMatch.Load.Scale;

/// <summary>Uploads that are alike.</summary>
/// <param name="Name">For people.</param>
/// <param name="Weight">How many of them come, beside the other kinds' weights.</param>
/// <param name="KiB">Of the file.</param>
/// <param name="Milliseconds">Of one core for all that the service does for it, but for the look-up.</param>
internal sealed record UploadKind(string Name, double Weight, double KiB, double Milliseconds);
