using HashMatch.Fuzz;
using SharpFuzz;

switch (args)
{
    case ["targets"]:
        Console.WriteLine(string.Join('\n', FuzzTargets.All.Keys));
        return 0;
    case ["seeds", string target, string folder] when FuzzTargets.All.ContainsKey(target):
        Seeds.Write(target, folder);
        return 0;
    case ["fuzz", string target] when FuzzTargets.All.TryGetValue(target, out Action<byte[]>? run):
        Fuzzer.Run(stream => run(ReadAll(stream)));
        return 0;
    case ["replay", string target, .. string[] files] when FuzzTargets.All.TryGetValue(target, out Action<byte[]>? run):
        foreach (string file in files)
        {
            Console.WriteLine(file);
            run(File.ReadAllBytes(file));
        }

        return 0;
    default:
        Console.Error.WriteLine("targets | seeds TARGET FOLDER | fuzz TARGET | replay TARGET FILE...");
        return 1;
}

static byte[] ReadAll(Stream stream)
{
    using var memory = new MemoryStream();
    stream.CopyTo(memory);
    return memory.ToArray();
}
