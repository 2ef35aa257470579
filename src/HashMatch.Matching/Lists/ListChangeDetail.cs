using System.Text.Json;
using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Lists;

/// <summary>What the audit log says of a change of a list: numbers, counts and settings, told from before and after.
/// </summary>
internal static class ListChangeDetail
{
    /// <param name="before">Null: it is created.</param>
    /// <param name="after">Null: it is deleted.</param>
    /// <param name="note">What else there is to say, such as which guards were passed; empty for nothing.</param>
    public static string Of(HashList? before, HashList? after, string note)
    {
        List<(string Name, object? Value)> items =
        [
            ("revision", after?.Revision ?? before!.Revision + 1),
            ("note", note.Length == 0 ? null : note),
        ];
        if (after is null)
        {
            items.Add(("active_before", before!.ActiveVersion));
            items.Add(("versions", before.Versions.Count));
            items.Add(("proposed_by", before.Pending?.By));
            return AuditDetail.Of(items);
        }

        items.Add(("active", after.ActiveVersion));
        if (before is null)
        {
            items.AddRange(PolicyOf("policy", null, after.Policy));
            return AuditDetail.Of(items);
        }

        items.AddRange(Differences(before, after));
        return AuditDetail.Of(items);
    }

    private static IEnumerable<(string Name, object? Value)> Differences(HashList before, HashList after)
    {
        if (before.ActiveVersion != after.ActiveVersion)
        {
            yield return ("active_before", before.ActiveVersion);
        }

        if (before.Description != after.Description)
        {
            yield return ("description", "changed");
        }

        int quarantined = after.Quarantined?.Count ?? 0;
        if (quarantined != (before.Quarantined?.Count ?? 0))
        {
            yield return ("quarantined", quarantined);
        }

        int removed = before.Versions.Count(version => after.Find(version.Number) is null);
        if (removed > 0)
        {
            yield return ("removed", removed);
        }

        ListVersion? told = after.Versions.FirstOrDefault(version => version.Number >= before.NextVersion)
            ?? after.Versions.FirstOrDefault(version => before.Find(version.Number)?.ApprovedBy != version.ApprovedBy)
            ?? after.Versions.FirstOrDefault(version => version.State == VersionState.Retired
                && before.Find(version.Number)?.State == VersionState.Staged)
            ?? (removed == 1 ? before.Versions.FirstOrDefault(version => after.Find(version.Number) is null) : null);
        if (told is not null)
        {
            yield return ("version", told.Number);
            yield return ("entries", told.Entries.Total);
            yield return ("based_on", told.BasedOn == 0 ? null : told.BasedOn);
            yield return ("staged_by", told.StagedBy);
        }

        foreach ((string Name, object? Value) item in PolicyOf("policy", before.Policy, after.Policy)
            .Concat(Proposed(before, after)))
        {
            yield return item;
        }
    }

    private static IEnumerable<(string Name, object? Value)> Proposed(HashList before, HashList after)
    {
        if (after.Pending is null)
        {
            yield return ("proposed_by", before.Pending?.By);
            yield return ("proposed_as", before.Pending?.Revision);
        }
        else if (after.Pending.Revision != before.Pending?.Revision)
        {
            yield return ("proposes", after.Pending.Update is null ? "deletion" : "policy");
            foreach ((string Name, object? Value) item in after.Pending.Update is { } update
                ? PolicyOf("proposed", after.Policy, update.Apply(after.Policy))
                : [])
            {
                yield return item;
            }
        }
    }

    // By the stored form, so that no setting is forgotten.
    private static IEnumerable<(string Name, object? Value)> PolicyOf(
        string prefix, MatchPolicy? before, MatchPolicy after)
    {
        JsonElement now = JsonSerializer.SerializeToElement(after, ListJson.Default.MatchPolicy);
        JsonElement was = before is null
            ? default
            : JsonSerializer.SerializeToElement(before, ListJson.Default.MatchPolicy);
        foreach (JsonProperty setting in now.EnumerateObject())
        {
            string value = setting.Value.ToString();
            string old = before is not null && was.TryGetProperty(setting.Name, out JsonElement known)
                ? known.ToString()
                : "";
            if (before is null)
            {
                yield return ($"{prefix}.{setting.Name}", value);
            }
            else if (old != value)
            {
                yield return ($"{prefix}.{setting.Name}", $"{AuditDetail.Cut(old, 100)} -> {value}");
            }
        }
    }
}
