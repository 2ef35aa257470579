using HashMatch.Cli.Driving;

namespace HashMatch.Load.Soak;

/// <summary>A server under mixed traffic for an hour or a day: what it holds must be flat.</summary>
internal static class SoakCommand
{
    /// <summary>0 when all is flat and no call met a fault of the server.</summary>
    public static async Task<int> RunAsync(SoakOptions options)
    {
        await using StartedServer server = await StartedServer.StartAsync(
            new ServerOrder { Settings = options.Settings }, CancellationToken.None);
        var traffic = new SoakTraffic(server.Address.Text);
        Console.WriteLine(SoakReport.Header);
        int taken = 0;
        IReadOnlyList<SoakSample> samples = await SoakRun.RunAsync(
            traffic, server.Process.Id, options.Time,
            sample =>
            {
                // A line for every fifth: a day has 1,440.
                if (taken++ % 5 == 0)
                {
                    Console.WriteLine(SoakReport.Line(sample));
                }
            });
        foreach ((string answer, long count) in traffic.Answers.OrderBy(answer => answer.Key))
        {
            Console.WriteLine($"{count,10}  {answer}");
        }

        List<string> wrong = [.. SoakReport.Judge(samples, Console.WriteLine), .. traffic.Faults];
        if (server.Process.HasExited)
        {
            wrong.Add("the server ended");
        }

        Console.WriteLine(wrong.Count == 0 ? "flat" : $"NOT FLAT: {string.Join("; ", wrong)}");
        return wrong.Count == 0 ? 0 : 1;
    }
}
