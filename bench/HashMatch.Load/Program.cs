using HashMatch.Load.Words;

return await LoadTool.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
