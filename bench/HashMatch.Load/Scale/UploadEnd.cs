namespace HashMatch.Load.Scale;

/// <summary>What became of a simulated upload.</summary>
internal enum UploadEnd
{
    Answered,

    /// <summary>Refused, as more waited than the service takes.</summary>
    Shed,

    /// <summary>Its replica was gone.</summary>
    Failed,
}
