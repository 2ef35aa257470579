namespace HashMatch.Cli.Driving;

/// <summary>How a started server is spoken to.</summary>
internal enum ServerTransport
{
    /// <summary>HTTP/2 without TLS, on loopback.</summary>
    H2c,

    /// <summary>TLS by a certificate that is made for it, on loopback.</summary>
    Tls,

    /// <summary>HTTP/2 without TLS over a socket in the file system.</summary>
    Unix,
}
