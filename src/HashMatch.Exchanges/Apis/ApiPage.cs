namespace HashMatch.Exchanges.Apis;

/// <summary>What a page says of the paging.</summary>
/// <param name="Next">The next page's cursor; null at the end.</param>
/// <param name="Checkpoint">Where a later run may begin; null when the page says nothing of it.</param>
internal sealed record ApiPage(string? Next, string? Checkpoint);
