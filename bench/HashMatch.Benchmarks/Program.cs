using BenchmarkDotNet.Running;
using HashMatch.Benchmarks.Paired;

if (args is ["paired", .. string[] rest])
{
    return PairedCommand.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(PairedCommand).Assembly).Run(args);
return 0;
