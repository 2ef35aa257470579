namespace HashMatch.Matching.Snapshots;

/// <summary>Why a snapshot is not taken.</summary>
public enum SnapshotFault
{
    None,

    /// <summary>Not a snapshot, or of a format that this build does not read.</summary>
    NotASnapshot,

    /// <summary>Cut off, changed, reordered, or with something behind its end.</summary>
    Damaged,

    /// <summary>It bears no signature.</summary>
    SignatureMissing,

    /// <summary>Its signature is not that of its content.</summary>
    SignatureWrong,

    /// <summary>It is signed, with a key that is not trusted.</summary>
    KeyNotTrusted,
}
