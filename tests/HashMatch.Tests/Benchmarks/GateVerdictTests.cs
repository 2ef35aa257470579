using HashMatch.Gate.Comparing;
using HashMatch.Gate.Measuring;
using Xunit;

namespace HashMatch.Tests.Benchmarks;

/// <summary>Slices to metrics, metrics to what the gate says.</summary>
public sealed class GateVerdictTests
{
    private static readonly LookPlan Plan = new(3, 1, 6);

    [Fact]
    public void One_disturbed_slice_moves_no_time()
    {
        Metric time = Measure(MetricKind.Time, pair => (Slice(100), Slice(pair == 3 ? 900 : 101)));
        Assert.Equal(1.01, time.Test.Interval!.Value.Ratio, 3);
        Assert.Equal(Finding.Fine, time.Test.Finding);
    }

    [Fact]
    public void Two_operations_in_a_hundred_that_are_five_times_slower_are_a_higher_p99_alone()
    {
        Metric p99 = Measure(MetricKind.P99, _ => (Slice(100), Slice(100, slow: 500)));
        Metric time = Measure(MetricKind.Time, _ => (Slice(100), Slice(100, slow: 500)));
        Assert.Equal(Finding.Worse, p99.Test.Finding);
        Assert.Equal(Finding.Fine, time.Test.Finding);
    }

    [Fact]
    public void A_fifth_more_time_is_slower()
    {
        var report = new GateReport();
        report.AddTimes([Measure(MetricKind.Time, _ => (Slice(100), Slice(120)))]);
        Assert.Equal("SLOWER", Assert.Single(report.Rows).Verdict);
        Assert.False(report.Passed);
    }

    [Theory]
    [InlineData("pdq-fast", 0.0, 0.0, true)]
    [InlineData("pdq-fast", 0.0, 1.0, false)]
    [InlineData("jpeg", 15424.0, 15424.25, false)]
    [InlineData("jpeg", 15424.0, 15423.0, true)]
    [InlineData("serve-match", 35000.0, 35500.0, true)]
    [InlineData("serve-match", 35000.0, 38000.0, false)]
    [InlineData("jpeg", null, 0.0, false)]
    public void Allocated_bytes_grow_on_purpose_alone(string name, double? known, double measured, bool passes)
    {
        var report = new GateReport();
        report.AddAllocations(
            known is { } bytes ? new Dictionary<string, double> { [name] = bytes } : [],
            new Dictionary<string, double> { [name] = measured });
        Assert.Equal(passes, report.Passed);
    }

    [Theory]
    [InlineData(1.05, null, true)]
    [InlineData(1.2, null, false)]
    [InlineData(1.2, 100, true)]
    public void More_instructions_fail_a_case_whose_time_was_not_found_fine(double ratio, int? time, bool passes)
    {
        var report = new GateReport();
        report.AddTimes(
        [
            time is { } nanoseconds
                ? Measure(MetricKind.Time, _ => (Slice(100), Slice(nanoseconds)))
                : new Metric("case", MetricKind.Time, Plan, 0.01),
        ]);
        report.AddInstructions(
            new Dictionary<string, double> { ["case"] = 1000, ["old"] = 1 },
            new Dictionary<string, double> { ["case"] = 1000 * ratio, ["new"] = 1 });
        Assert.Equal(2, report.Rows.Count);
        Assert.Equal(passes, report.Passed);
    }

    [Fact]
    public void The_table_names_what_failed()
    {
        var report = new GateReport();
        report.AddAllocations(
            new Dictionary<string, double> { ["png"] = 0 }, new Dictionary<string, double> { ["png"] = 24 });
        using var text = new StringWriter();
        report.Write(text);
        Assert.Contains("gate: FAIL (png allocated GREW)", text.ToString(), StringComparison.Ordinal);
    }

    private static Metric Measure(MetricKind kind, Func<int, (Slice, Slice)> pair)
    {
        var metric = new Metric("case", kind, Plan, 0.01);
        for (int round = 0; round < Plan.Last; round++)
        {
            metric.Add([.. Enumerable.Range(0, 9).Select(pair)]);
        }

        return metric;
    }

    // A hundred operations, two of which may be slow.
    private static Slice Slice(int nanoseconds, int? slow = null)
    {
        int[] each = new int[100];
        Array.Fill(each, nanoseconds);
        each[10] = each[60] = slow ?? nanoseconds;
        return new Slice(each.Sum(), each.Sum(), each);
    }
}
