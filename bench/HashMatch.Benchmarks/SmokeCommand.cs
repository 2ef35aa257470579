using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Peers;

namespace HashMatch.Benchmarks;

/// <summary>
/// Every benchmark once, in this process, with the first value of each parameter: that they run, not how quickly.
/// </summary>
internal static class SmokeCommand
{
    /// <summary>0 when each has run.</summary>
    public static async Task<int> RunAsync()
    {
        int failures = 0;
        foreach (Type type in typeof(SmokeCommand).Assembly.GetTypes()
            .Where(type => Methods<BenchmarkAttribute>(type).Length > 0).OrderBy(type => type.FullName))
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                int run = await RunAsync(type);
                Console.WriteLine($"{type.FullName}: {run}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            }
            catch (TargetInvocationException e)
            {
                failures++;
                Console.WriteLine($"{type.FullName} failed: {e.InnerException}");
            }
        }

        return failures == 0 ? 0 : 1;
    }

    private static async Task<int> RunAsync(Type type)
    {
        object instance = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { Values: [var first, ..] })
            {
                property.SetValue(instance, first);
            }
        }

        await CallAsync(instance, Methods<GlobalSetupAttribute>(type));
        MethodInfo[] benchmarks = [.. Methods<BenchmarkAttribute>(type).Where(PeerFilter.IsHere)];
        await CallAsync(instance, benchmarks);
        await CallAsync(instance, Methods<GlobalCleanupAttribute>(type));
        return benchmarks.Length;
    }

    private static async Task CallAsync(object instance, MethodInfo[] methods)
    {
        foreach (MethodInfo method in methods)
        {
            if (method.Invoke(instance, null) is Task task)
            {
                await task;
            }
        }
    }

    private static MethodInfo[] Methods<T>(Type type)
        where T : Attribute =>
        [.. type.GetMethods().Where(method => method.GetCustomAttribute<T>() is not null)];
}
