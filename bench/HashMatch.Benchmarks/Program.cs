using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using HashMatch.Benchmarks;
using HashMatch.Benchmarks.Paired;
using HashMatch.Benchmarks.Peers;
using HashMatch.Benchmarks.Searching;

if (args is ["paired", .. string[] rest])
{
    return PairedCommand.Run(rest);
}

try
{
    if (args is ["index", .. string[] measured])
    {
        return IndexCommand.Run(measured);
    }

    if (args is ["prove", .. string[] proven])
    {
        return ProveCommand.Run(proven);
    }

    if (args is ["smoke"])
    {
        return await SmokeCommand.RunAsync();
    }
}
catch (Exception e) when (e is IOException or InvalidDataException or DllNotFoundException or BadImageFormatException)
{
    // A file or a library that was named is not there, or is something else.
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

BenchmarkSwitcher.FromAssembly(typeof(PairedCommand).Assembly).Run(
    args, ManualConfig.Create(DefaultConfig.Instance).AddFilter(new PeerFilter()));
return 0;
