namespace HashMatch.Load.Drive;

/// <summary>A picture that is uploaded.</summary>
/// <param name="file">Its bytes.</param>
/// <param name="isListed">Whether the service's lists have it; null when what they hold is not known.</param>
internal sealed class PictureItem(byte[] file, bool? isListed) : LoadItem
{
    public byte[] File => file;

    /// <summary>It must match, or must not; null: whichever.</summary>
    public bool? IsListed => isListed;
}
