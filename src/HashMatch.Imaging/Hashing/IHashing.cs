using HashMatch.Pdq;

namespace HashMatch.Imaging.Hashing;

/// <summary>One picture on its way to its hashes: rows in, hashes out.</summary>
internal interface IHashing : IDisposable
{
    /// <summary>Begins a picture; one that was not finished is forgotten.</summary>
    void Start(in PictureShape shape);

    /// <summary>Takes the next row, from the top down.</summary>
    void Add(ReadOnlySpan<float> row);

    /// <summary>Another of its kind that was given the same rows so far.</summary>
    IHashing Fork();

    /// <summary>The hashes, once all rows are in; once.</summary>
    /// <returns>Hashes of the picture as a viewer shows it, and of the pixels as stored.</returns>
    (DihedralHashes Upright, DihedralHashes AsStored) Hash();
}
