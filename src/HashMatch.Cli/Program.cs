using HashMatch.Cli;
using HashMatch.Cli.Output;

using var interruption = new Interruption();
return await Tool.RunAsync(args, Surroundings.OfProcess(), interruption);
