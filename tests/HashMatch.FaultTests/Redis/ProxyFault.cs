namespace HashMatch.FaultTests.Redis;

/// <summary>What a network does to bytes.</summary>
internal enum ProxyFault
{
    /// <summary>They pass.</summary>
    None,

    /// <summary>They are kept, and pass when it is mended: a short partition.</summary>
    Hold,

    /// <summary>They are gone: a partition, or a firewall that forgot the connection.</summary>
    Drop,

    /// <summary>Answers come late.</summary>
    Delay,

    /// <summary>One answer comes in part, and nothing after it.</summary>
    Truncate,

    /// <summary>A byte of each part of an answer is another.</summary>
    Garble,

    /// <summary>Connections are reset, and new ones refused.</summary>
    Reset,
}
