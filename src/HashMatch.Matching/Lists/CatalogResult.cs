namespace HashMatch.Matching.Lists;

/// <summary>A value, or why there is none.</summary>
/// <param name="Value">Null when refused.</param>
/// <param name="Error">None when there is a value.</param>
/// <param name="Message">For a person: what was wrong, and with what; empty when there is a value.</param>
/// <param name="Field">The request's field that is wrong, in snake_case; empty when no single one is.</param>
/// <typeparam name="T">What is asked for.</typeparam>
public sealed record CatalogResult<T>(T? Value, CatalogError Error, string Message, string Field)
    where T : class
{
    /// <summary>Whether there is a value.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    public bool IsOk => Error == CatalogError.None;

    public static implicit operator CatalogResult<T>(T value) => new(value, CatalogError.None, "", "");
}
