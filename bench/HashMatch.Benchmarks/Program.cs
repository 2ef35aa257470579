using BenchmarkDotNet.Running;
using HashMatch.Benchmarks.Paired;
using HashMatch.Benchmarks.Searching;

if (args is ["paired", .. string[] rest])
{
    return PairedCommand.Run(rest);
}

if (args is ["index", .. string[] measured])
{
    return IndexCommand.Run(measured);
}

if (args is ["prove", .. string[] proven])
{
    return ProveCommand.Run(proven);
}

BenchmarkSwitcher.FromAssembly(typeof(PairedCommand).Assembly).Run(args);
return 0;
