namespace HashMatch.Matching.Lists;

/// <summary>The shape of a list file; hashsets/README.md describes each.</summary>
public enum ListFileFormat
{
    /// <summary>Told by the file's beginning.</summary>
    Auto,

    /// <summary>CSV with a header: type,value,external_id,classification,severity,expires_at,note,op.</summary>
    Csv,

    /// <summary>One hash a line, or HMA's `type value`.</summary>
    Text,

    /// <summary>NCMEC Hash Sharing v2: XML.</summary>
    Ncmec,

    /// <summary>StopNCII: JSON with `hashRecords`.</summary>
    StopNcii,

    /// <summary>Meta ThreatExchange's threat_updates: JSON.</summary>
    ThreatExchange,

    /// <summary>Tech Against Terrorism's hash list: JSON with `results`.</summary>
    TechAgainstTerrorism,

    /// <summary>VICS 1.3 and 2.0 (Project VIC, CAID): OData JSON, or a case export.</summary>
    Vics,

    /// <summary>Interpol ICSE: CSV with semicolons.</summary>
    Icse,

    /// <summary>NSRL RDS v3: an SQLite database.</summary>
    Nsrl,
}
