using HashMatch.Cli.Output;
using HashMatch.Matching.Auditing;

namespace HashMatch.Cli.Commands;

/// <summary>The audit log for people and for programs.</summary>
internal static class AuditTables
{
    private const int FaultsShown = 20;

    public static void Write(ToolOutput output, IReadOnlyList<AuditView> records)
    {
        if (output.Json)
        {
            output.Document(new { Records = records.Select(Document).ToArray() });
        }
        else if (records.Count == 0)
        {
            output.Note("No records.");
        }
        else
        {
            output.Table(
                ["RECORD", "TIME", "ACTOR", "ACTION", "SUBJECT", "EFFECT", "DETAIL"],
                [.. records.Select(Row)]);
        }
    }

    /// <summary>What is wrong with a log.</summary>
    /// <returns>The exit code.</returns>
    public static int Fail(ToolOutput output, AuditReport report, string behind)
    {
        if (output.Json)
        {
            output.Document(Document(report));
            return ExitCode.Error;
        }

        foreach (AuditFault fault in report.Faults.Take(FaultsShown))
        {
            output.Note(fault.What);
        }

        if (report.FaultCount > FaultsShown)
        {
            output.Note($"... and {report.FaultCount - FaultsShown:N0} more");
        }

        NoteUnstated(output, report);

        return output.Fail(new Failure(
            "AUDIT_LOG_BROKEN",
            $"The audit log is not what was written: {ListTables.Counted(report.FaultCount, "fault")} in "
            + $"{ListTables.Counted(report.Records, "record")}. {behind}".TrimEnd(),
            "Compare it with an exported copy; README says what each kind of attack leaves."));
    }

    /// <summary>That a log is whole, and how far somebody vouches for it.</summary>
    /// <returns>The exit code.</returns>
    public static int Good(ToolOutput output, AuditReport report)
    {
        if (output.Json)
        {
            output.Document(Document(report));
            return ExitCode.Ok;
        }

        long behind = report.Head.Sequence - report.SignedUpTo;
        string signed = report.SignedUpTo == 0 ? "none of it is signed"
            : behind == 0 ? "all of it is signed"
            : $"signed up to record {report.SignedUpTo}, {ListTables.Counted(behind, "record")} behind it not yet";
        output.Line($"The audit log is whole: {ListTables.Counted(report.Records, "record")}, {signed}.");
        if (report.Content is { } content)
        {
            string how = content.UnstatedCount == 0 ? "is as it was recorded"
                : "is as it was recorded but for what no digest vouches for "
                    + $"({ListTables.Counted(content.UnstatedCount, "note")})";
            output.Line($"The lists' content {how}: {ListTables.Counted(content.Versions, "version")}, "
                + $"{ListTables.Counted(content.Segments, "segment")}, {content.Bytes:N0} bytes.");
        }

        NoteUnstated(output, report);
        return ExitCode.Ok;
    }

    private static void NoteUnstated(ToolOutput output, AuditReport report)
    {
        foreach (string what in report.Content?.Unstated.Take(FaultsShown) ?? [])
        {
            output.Note($"Not vouched for by a digest: {what}");
        }

        if (report.Content?.UnstatedCount > FaultsShown)
        {
            output.Note($"... and {report.Content.UnstatedCount - FaultsShown:N0} more");
        }
    }

    private static object Document(AuditReport report) => new
    {
        Good = report.FaultCount == 0,
        report.Records,
        Last = report.Head.Sequence,
        report.Head.Hash,
        report.SignedUpTo,
        Faults = report.Faults.Select(fault => new { fault.First, fault.Last, fault.What }).ToArray(),
        report.FaultCount,
        report.Content,
    };

    private static object Document(AuditView view) => view.Record is not { } record
        ? new { Sequence = view.Place, Damaged = true }
        : new
        {
            record.Sequence,
            Time = record.At,
            record.Actor,
            record.Action,
            record.Subject,
            record.Detail,
            Effect = Words.Of(view.Effect),
            record.Hash,
        };

    private static string[] Row(AuditView view) => view.Record is not { } record
        ? [ListTables.Number(view.Place), "-", "-", "-", "-", "DAMAGED", "not what was written"]
        :
        [
            ListTables.Number(record.Sequence),
            ListTables.Time(record.At),
            record.Actor,
            record.Action,
            record.Subject,
            Words.Of(view.Effect),
            record.Detail,
        ];
}
