using HashMatch.Gate.Cases;
using HashMatch.Gate.Comparing;
using HashMatch.Gate.Measuring;

if (args is ["worker", var pictures, var lists])
{
    // What the server writes must not come between the answers.
    TextWriter answers = Console.Out;
    Console.SetOut(Console.Error);
    using var cases = new GateCases(pictures, lists);
    new GateWorker(cases, Console.In, answers).Run();
    return 0;
}

try
{
    using var run = new GateRun(GateOptions.Parse(args));
    return await run.RunAsync();
}
catch (GateException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
