namespace HashMatch.Server.Telemetry;

/// <summary>What an upload goes through, in this order.</summary>
public enum Stage
{
    /// <summary>From the call's headers until its last byte is here.</summary>
    Receive,

    /// <summary>Until a decode is free.</summary>
    Queue,

    /// <summary>MD5, SHA-1 and SHA-256 of the file.</summary>
    Digest,

    /// <summary>Bytes to hashes: rows are hashed as they are decoded, so there is no time between the two.</summary>
    Decode,

    /// <summary>The look-up of all its hashes and digests.</summary>
    Find,

    /// <summary>Candidates to a verdict.</summary>
    Decide,

    /// <summary>Putting its match event down.</summary>
    Record,
}
