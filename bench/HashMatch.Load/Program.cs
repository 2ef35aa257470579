using HashMatch.Load.Broken;
using HashMatch.Load.Hashes;
using HashMatch.Load.Overload;
using HashMatch.Load.Redis;
using HashMatch.Load.Soak;

return args switch
{
    ["hashes", .. string[] rest] => HashesOptions.Parse(rest) is { } options
        ? await HashesCommand.RunAsync(options)
        : HashesOptions.Explain(),
    ["redis", .. string[] rest] => RedisOptions.Parse(rest) is { } options
        ? await RedisCommand.RunAsync(options)
        : RedisOptions.Explain(),
    ["overload", .. string[] rest] => OverloadOptions.Parse(rest) is { } options
        ? await OverloadCommand.RunAsync(options)
        : OverloadOptions.Explain(),
    ["soak", .. string[] rest] => SoakOptions.Parse(rest) is { } options
        ? await SoakCommand.RunAsync(options)
        : SoakOptions.Explain(),
    ["broken", .. string[] rest] => BrokenOptions.Parse(rest) is { } options
        ? await BrokenCommand.RunAsync(options)
        : BrokenOptions.Explain(),
    _ => HashesOptions.Explain() | RedisOptions.Explain() | OverloadOptions.Explain() | BrokenOptions.Explain()
        | SoakOptions.Explain(),
};
