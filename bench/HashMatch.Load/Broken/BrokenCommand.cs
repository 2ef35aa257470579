using System.Diagnostics;
using HashMatch.Cli.Driving;
using HashMatch.Tests.Imaging;

namespace HashMatch.Load.Broken;

/// <summary>Broken images through a real server: what became of them, how long the slowest took.</summary>
internal static class BrokenCommand
{
    private const int Slowest = 15;

    /// <summary>0 when every file was answered within the limit and the server lives.</summary>
    public static async Task<int> RunAsync(BrokenOptions options, CancellationToken end)
    {
        await using StartedServer? server = options.Address is null
            ? await StartedServer.StartAsync(
                new ServerOrder { Entries = 1000, Settings = options.Settings }, end)
            : null;
        string address = options.Address ?? server!.Address.Text;
        // The compilers of both processes, and the workers.
        await BrokenRun.RunAsync(address, Good(), options.InFlight, end);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<BrokenAnswer> answers =
            await BrokenRun.RunAsync(address, Images(options), options.InFlight, end);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        IReadOnlyList<BrokenAnswer> after = await BrokenRun.RunAsync(address, Good().Take(60), 1, end);
        bool isServing = after.All(answer => answer.Outcome == "NoKnownMatch") && server?.Process.HasExited != true;
        return Report(answers, taken, isServing, options) ? 0 : 1;
    }

    private static IEnumerable<BrokenImage> Images(BrokenOptions options) => options switch
    {
        { Folder: null } => BrokenImages.Make(options.Seed, options.Count, []),
        { Mutate: true } => BrokenImages.Mutate(options.Folder, options.Seed).Take(options.Count),
        _ => BrokenImages.Read(options.Folder).Take(options.Count),
    };

    private static IEnumerable<BrokenImage> Good() => Enumerable.Repeat(
        Encodings.All.Values.Select(picture => new BrokenImage(picture.Name, picture.File)), 5).SelectMany(all => all);

    private static bool Report(
        IReadOnlyList<BrokenAnswer> answers, TimeSpan taken, bool isServing, BrokenOptions options)
    {
        foreach (IGrouping<string, BrokenAnswer> outcome in answers
            .GroupBy(answer => answer.Outcome).OrderByDescending(group => group.Count()))
        {
            Console.WriteLine($"{outcome.Count(),8}  {outcome.Key}");
        }

        var times = new Latencies();
        foreach (BrokenAnswer answer in answers)
        {
            times.Record(answer.Taken);
        }

        Console.WriteLine(
            $"{answers.Count} files in {taken.TotalSeconds:F0} s; ms: p50 {Ms(times.At(50)):F1}, "
            + $"p99 {Ms(times.At(99)):F1}, p99.9 {Ms(times.At(99.9)):F0}, "
            + $"p100 {Ms(times.At(100)):F0}");
        foreach (BrokenAnswer slow in answers.OrderByDescending(answer => answer.Taken).Take(Slowest))
        {
            Console.WriteLine($"{Ms(slow.Taken),8:F0} ms  {slow.Outcome}  {slow.Name}");
        }

        BrokenAnswer[] wrong = [.. answers.Where(answer => !answer.IsDefined)];
        foreach (BrokenAnswer answer in wrong.Take(Slowest))
        {
            Console.WriteLine($"not an answer: {answer.Outcome}  {answer.Name}");
        }

        int late = answers.Count(answer => answer.Taken > options.Limit);
        Console.WriteLine(
            $"without an answer: {wrong.Length}; over {Ms(options.Limit):F0} ms: {late}; "
            + $"right verdicts afterwards: {(isServing ? "yes" : "NO")}");
        return wrong.Length == 0 && late == 0 && isServing;
    }

    private static double Ms(TimeSpan time) => time.TotalMilliseconds;
}
