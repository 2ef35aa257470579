using System.Globalization;
using System.Text;

namespace HashMatch.Load.Scale;

/// <summary>Results for people, as Markdown.</summary>
internal static class ScaleTable
{
    /// <summary>All tables.</summary>
    public static string Of(ScaleResults results)
    {
        var text = new StringBuilder();
        ScaleOptions settings = results.Settings;
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A replica has {settings.Machine.Cores} cores, {settings.Machine.GiB:0} GiB, "
            + $"{settings.Machine.Gbits:0} Gbit/s; Redis sends {settings.StoreGbits:0} Gbit/s; planned for a load of "
            + $"{settings.Load:0.##}; seed {settings.Seed}."));
        string kinds = string.Join("; ", results.Costs.Kinds.Select(kind => string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.Weight:0.#} {kind.Name} of {kind.KiB:N0} KiB and {kind.Milliseconds:0.0#} ms")));
        text.AppendLine().Append("Uploads: ").Append(kinds).AppendLine(".");
        RealRuns(text, results);
        ByEntries(text, results);
        Plan(text, results);
        Balancing(text, results);
        Outages(text, results);
        Builds(text, results);
        FanOut(text, results);
        Shards(text, results);
        return text.ToString();
    }

    private static void RealRuns(StringBuilder text, ScaleResults results)
    {
        Head(text, "measured: simulated", "cores", "ms of a core", "offered/s", "answered/s", "p50 ms", "p99");
        foreach (RealRunRow each in results.RealRuns)
        {
            RealRun run = each.Measured;
            Row(text, run.Name, $"{run.Cores}", Number(run.Milliseconds), Number(run.OfferedPerSecond),
                $"{Number(run.AnsweredPerSecond)}: {Number(each.AnsweredPerSecond)}",
                $"{Number(run.P50)}: {Number(each.P50)}", $"{Number(run.P99)}: {Number(each.P99)}");
        }
    }

    private static void ByEntries(StringBuilder text, ScaleResults results)
    {
        Head(text, "entries", "a look-up, us", "GiB", "GiB at a reload", "cold start, s", "Redis GiB", "manifest KiB",
            "lists", "groups");
        foreach (EntriesFigures each in results.ByEntries)
        {
            Row(text, Count(each.Entries), Number(each.LookupMicroseconds), Number(each.GiB), Number(each.ReloadGiB),
                Number(each.ColdStartSeconds), Number(each.RedisGiB), Number(each.ManifestKiB), $"{each.Lists}",
                $"{each.Groups}");
        }
    }

    private static void Plan(StringBuilder text, ScaleResults results)
    {
        Head(text, "entries", "uploads/s", "ms of a core", "cores", "replicas", "groups", "GiB", "Gbit/s in", "p99 ms",
            "reload: GB, s", "edit: MB, s", "over in one group");
        foreach (PlanRow each in results.Plan)
        {
            Row(text, Count(each.Entries), Count(each.UploadsPerSecond), Number(each.Milliseconds), Number(each.Cores),
                $"{each.Replicas}", $"{each.Groups}", Number(each.GiB), Number(each.Gbits), Number(each.P99),
                $"{Number(each.Reload.StoreBytes * each.Groups / 1e9)}, {Number(each.Reload.LastReady)}",
                $"{Number(each.Edit.StoreBytes / 1e6)}, {Number(each.Edit.LastReady)}",
                each.Broken.Count == 0 ? "-" : string.Join(", ", each.Broken));
        }
    }

    private static void Balancing(StringBuilder text, ScaleResults results)
    {
        Head(text, "8 replicas of", "load", "chosen", "p50 ms", "p99", "p99.9", "shed %");
        foreach (BalancingRow each in results.Balancing)
        {
            Row(text, $"{each.Cores} cores", Number(each.Load), Words(each.Balancing), Number(each.P50),
                Number(each.P99), Number(each.P999), Number(each.ShedPercent));
        }
    }

    private static void Outages(StringBuilder text, ScaleResults results)
    {
        Head(text, "replicas", "load", "when", "failed %", "shed %", "p50 ms", "p99");
        foreach (OutageRow each in results.Outages)
        {
            Row(text, $"{each.Replicas}", Number(each.Load), each.Span, Number(each.FailedPercent),
                Number(each.ShedPercent), Number(each.P50), Number(each.P99));
        }
    }

    private static void Builds(StringBuilder text, ScaleResults results)
    {
        Head(text, "cores", "load", "when", "shed %", "p50 ms", "p99");
        foreach (BuildRow each in results.Builds)
        {
            Row(text, $"{each.Cores}", Number(each.Load), each.When, Number(each.ShedPercent), Number(each.P50),
                Number(each.P99));
        }
    }

    private static void FanOut(StringBuilder text, ScaleResults results)
    {
        Head(text, "change", "entries", "replicas", "MB each", "MB of Redis", "first ready, s", "last ready, s");
        foreach (FanOutRow each in results.FanOut)
        {
            Row(text, each.Change, Count(each.Entries), $"{each.Replicas}", Number(each.Bytes / 1e6),
                Number(each.Figures.StoreBytes / 1e6), Number(each.Figures.FirstReady), Number(each.Figures.LastReady));
        }
    }

    private static void Shards(StringBuilder text, ScaleResults results)
    {
        Head(text, "groups", "entries of each", "ms of a core, all", "chosen", "one group: p50 ms", "p99",
            "all groups: p50", "p99");
        foreach (ShardsRow each in results.Shards)
        {
            Row(text, $"{each.Groups}", Count(each.Entries / each.Groups), Number(each.Milliseconds),
                Words(each.Balancing), Number(each.Figures.OneP50), Number(each.Figures.OneP99),
                Number(each.Figures.P50), Number(each.Figures.P99));
        }
    }

    private static string Words(Balancing balancing) => balancing switch
    {
        Scale.Balancing.Random => "at random",
        Scale.Balancing.RoundRobin => "in turn",
        Scale.Balancing.TwoChoices => "shorter of two",
        _ => "shortest of all",
    };

    private static string Count(double number) => number switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e9:0.#}B"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e6:0.#}M"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e3:0.#}K"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{number:0}"),
    };

    private static string Number(double number) => number.ToString(
        number >= 100 ? "N0" : number >= 10 ? "0.0" : number == 0 ? "0" : number >= 1 ? "0.00" : "0.###",
        CultureInfo.InvariantCulture);

    private static void Head(StringBuilder text, params string[] names)
    {
        text.AppendLine();
        Row(text, names);
        text.Append('|').Insert(text.Length, "---|", names.Length).AppendLine();
    }

    private static void Row(StringBuilder text, params string[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
