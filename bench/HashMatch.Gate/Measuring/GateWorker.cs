using System.Diagnostics;
using System.Globalization;
using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Measuring;

/// <summary>
/// One side: a process that does what it is told by lines of standard input, answers each with one line, and is
/// otherwise quiet, so that two of them can take turns.
/// </summary>
internal sealed class GateWorker(GateCases cases, TextReader orders, TextWriter answers)
{
    /// <summary>What both sides of a comparison must speak.</summary>
    public const string Greeting = "gate 1";

    private const int WarmOperations = 60;
    private static readonly TimeSpan WarmTime = TimeSpan.FromMilliseconds(150);

    /// <summary>Works until the orders end.</summary>
    public void Run()
    {
        Answer($"{Greeting} {string.Join(' ', GateCases.Names)}");
        while (orders.ReadLine() is { } order)
        {
            string[] words = order.Split(' ');
            switch (words)
            {
                case ["open", var name]:
                    Answer($"open {Open(cases[name])}");
                    break;
                case ["run", var name, var operations]:
                    Slice slice = Slice.Run(cases[name], int.Parse(operations, CultureInfo.InvariantCulture));
                    Answer($"run {slice.CpuNanoseconds} {slice.ClockNanoseconds} {string.Join(',', slice.Each)}");
                    break;
                case ["allocated", var name]:
                    double bytes = AllocatedBytes.Measure(cases[name]);
                    Answer($"allocated {bytes.ToString("R", CultureInfo.InvariantCulture)}");
                    break;
                case ["count", .. var names]:
                    Count(names);
                    Answer("count");
                    break;
                default:
                    throw new InvalidOperationException($"'{order}' is no order.");
            }
        }
    }

    // Nanoseconds of an operation at the end of its warm-up.
    private static long Open(GateCase opened)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < WarmOperations || Stopwatch.GetElapsedTime(start) < WarmTime; i++)
        {
            opened.Run();
        }

        Slice slice = Slice.Run(opened, 10);
        return slice.Each.Order().ElementAt(slice.Each.Length / 2);
    }

    private void Count(string[] names)
    {
        Callgrind callgrind = Callgrind.Open();
        foreach (string name in names)
        {
            Repeat(cases[name], WarmOperations);
        }

        callgrind.Start();
        foreach (string name in names)
        {
            int operations = cases[name].CountedOperations;
            callgrind.Zero();
            Repeat(cases[name], operations);
            callgrind.Dump(string.Create(CultureInfo.InvariantCulture, $"{name} {operations}"));
        }
    }

    private static void Repeat(GateCase repeated, int times)
    {
        for (int i = 0; i < times; i++)
        {
            repeated.Run();
        }
    }

    private void Answer(string line)
    {
        answers.WriteLine(line);
        answers.Flush();
    }
}
