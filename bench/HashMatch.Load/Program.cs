using HashMatch.Load.Hashes;

return args is ["hashes", .. string[] rest] && HashesOptions.Parse(rest) is { } options
    ? await HashesCommand.RunAsync(options)
    : HashesOptions.Explain();
