namespace HashMatch.Benchmarks.Peers;

/// <summary>Other people's code that is measured beside ours where the machine has it.</summary>
public enum PeerKind
{
    /// <summary>Debian's libturbojpeg0.</summary>
    TurboJpeg,

    /// <summary>The C++ reference of PDQ, by a path in HASHMATCH_PDQ_REFERENCE.</summary>
    PdqReference,

    /// <summary>A build of bench/peers/faiss_shim.cpp, by a path in HASHMATCH_FAISS.</summary>
    Faiss,
}
