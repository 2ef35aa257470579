namespace HashMatch.Matching.Stores;

/// <summary>
/// How long the store is waited for. A person or a program that curates is told at once when the store is silent; a
/// load, a replica and a writer of events can wait, since a moment's stall would undo minutes of their work.
/// </summary>
public static class StorePatience
{
    private static readonly AsyncLocal<bool> Short = new();

    /// <summary>Whether calls that are made here end as soon as their server is found silent.</summary>
    public static bool IsShort => Short.Value;

    /// <summary>Makes it so for the calling method and all that it calls; not for its caller, if it is asynchronous.
    /// </summary>
    public static void Shorten() => Short.Value = true;
}
