using HashMatch.Cli.Driving;

namespace HashMatch.Load.Hashes;

/// <summary>The figures for people, a line each.</summary>
internal static class HashesReport
{
    public static void Write(HashesOptions options, HashesFigures figures, ProcessTime? server, ProcessTime client)
    {
        double seconds = figures.Elapsed.TotalSeconds;
        long calls = figures.Calls.Count;
        double hashes = (double)calls * options.Queries;
        Line("what", $"{options.Queries} queries a call, {options.InFlight} calls in flight over "
            + $"{options.Connections} connections, {options.Near:P1} near, "
            + (options.Address is null ? $"{options.Entries:N0} entries" : options.Address));
        Line("hashes/s", $"{hashes / seconds:N0}");
        Line("calls/s", $"{calls / seconds:N0}");
        Line("latency", Text(figures.Calls));
        if (options.Upload is not null)
        {
            Line("uploads", $"{figures.Uploads.Count / seconds:N0}/s beside them, {Text(figures.Uploads)}");
        }

        Line("client", Cost(client, hashes, calls, seconds));
        if (server is not null)
        {
            Line("server", $"{Cost(server, hashes, calls, seconds)}; "
                + $"peak {server.PeakBytes / 1048576.0:N0} MiB");
            // What the machine would give if nothing else ran on it.
            double processors = Environment.ProcessorCount / (client.Total + server.Total).TotalSeconds;
            Line("by CPU time", $"{hashes * processors:N0} hashes/s, {calls * processors:N0} calls/s "
                + $"if the two had all {Environment.ProcessorCount} processors to themselves");
        }

        Line("errors", figures.Errors.Count == 0
            ? "none"
            : string.Join(", ", figures.Errors.Select(error => $"{error.Key} {error.Value}")));
        Line("answers", figures.Wrong is { } wrong ? $"WRONG: {wrong}"
            : options.Address is null ? "every one is right" : "in order, one a query");
    }

    private static string Cost(ProcessTime time, double hashes, long calls, double seconds) =>
        $"{time.Total.TotalSeconds:N1} s of CPU ({time.Total.TotalSeconds / seconds:N2} processors, "
        + $"{time.Kernel / time.Total:P0} in the kernel), {time.Total.TotalMicroseconds / hashes:N2} us a hash, "
        + $"{time.Total.TotalMicroseconds / calls:N1} us a call";

    private static string Text(Latencies latencies) =>
        $"p50 {Milliseconds(latencies.At(50))}, p99 {Milliseconds(latencies.At(99))}";

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0.00} ms";

    private static void Line(string name, string text) => Console.WriteLine($"{name,-12}{text}");
}
