namespace HashMatch.Matching.Lists;

/// <summary>Refusals, each worded once.</summary>
internal static class Refusal
{
    public static CatalogResult<T> Of<T>(CatalogError error, string message, string field = "")
        where T : class => new(null, error, message, field);

    public static CatalogResult<T> ListNotFound<T>(string name)
        where T : class => Of<T>(CatalogError.ListNotFound, $"there is no list '{name}'", "name");

    public static CatalogResult<T> VersionNotFound<T>(string name, long version)
        where T : class =>
        Of<T>(CatalogError.VersionNotFound, $"list '{name}' has no version {version}", "version");

    public static CatalogResult<T> NoActiveVersion<T>(string name)
        where T : class => Of<T>(
            CatalogError.NoActiveVersion, $"list '{name}' has no active version: stage and activate one first");

    public static CatalogResult<T> LostRace<T>(string name, string what)
        where T : class => Of<T>(
            CatalogError.LostRace, $"list '{name}' {what}: somebody else changed it; read it and try again");
}
