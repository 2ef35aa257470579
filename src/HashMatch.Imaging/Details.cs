namespace HashMatch.Imaging;

/// <summary>
/// The sentences that say why a decode failed. A worker process names one by its number, so that no text of its own
/// making reaches a caller.
/// </summary>
internal static class Details
{
    public const string TooLarge = "The picture is larger than is allowed.";
    public const string TooManyScans = "The picture's scans ask for too much work.";
    public const string TooManyFrames = "The picture's frames ask for too much work.";
    public const string TooSmall = "The picture is under 5 pixels on a side.";
    public const string TooFewBytes = "The picture is larger than its bytes can hold.";
    public const string TooFlat = "The picture is larger than the bytes of any photograph.";
    public const string TwoSizes = "The file names two sizes.";
    public const string EndsEarly = "The file ends before the picture does.";
    public const string BreaksRules = "The file breaks the rules of its format.";
    public const string NoMemory = "There is no memory.";
    public const string TooManyBytes = "The upload has more bytes than are allowed.";
    public const string TimedOut = "The decode took longer than is allowed, or was cancelled.";
    public const string Failed = "The decoder failed.";
    public const string NoLibrary = "The image library could not be loaded.";
    public const string WorkerEnded = "The decoder ended in the middle of its work.";
    public const string WorkerNonsense = "The decoder gave no valid answer.";
    public const string WorkerMemory = "The decoder took more memory than is allowed.";
    public const string WorkerNotStarted = "The decoder could not be started.";

    /// <summary>Every sentence, by number. The order is the protocol between a process and its workers.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "", TooLarge, TooManyScans, TooManyFrames, TooSmall, TooFewBytes, TooFlat, TwoSizes, EndsEarly, BreaksRules,
        NoMemory, TimedOut, Failed, NoLibrary,
    ];

    /// <summary>The number of a sentence; that of <see cref="Failed"/> for one that has none.</summary>
    public static byte NumberOf(string detail)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i] == detail)
            {
                return (byte)i;
            }
        }

        return NumberOf(Failed);
    }
}
