using System.Reflection;
using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;

namespace HashMatch.DecodeWorker;

/// <summary>
/// Loads and runs what a request will need, as long as files can be opened: behind the confinement none can. The first
/// request does not wait for it either.
/// </summary>
internal static class WarmUp
{
    public static void Run()
    {
        LoadReferences();
        Assembly own = typeof(WarmUp).Assembly;
        foreach (string name in own.GetManifestResourceNames())
        {
            using Stream resource = own.GetManifestResourceStream(name)!;
            byte[] file = new byte[resource.Length];
            resource.ReadExactly(file);
            ImageFormat format = Enum.Parse<ImageFormat>(Path.GetFileNameWithoutExtension(name), ignoreCase: true);
            Hash(file, format, PdqFidelity.Fast);

            // What an exception takes, too.
            file.AsSpan(file.Length / 2).Clear();
            Hash(file, format, PdqFidelity.Reference);
        }
    }

    private static void Hash(byte[] file, ImageFormat format, PdqFidelity fidelity) => _ = VipsHashes.Hash(
        file, format, new ImageLimits(), new HashOptions { Fidelity = fidelity }, CancellationToken.None);

    // Every assembly that is named by one that is loaded, so that none is looked for later.
    private static void LoadReferences()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<Assembly>([typeof(WarmUp).Assembly]);
        while (open.TryDequeue(out Assembly? assembly))
        {
            foreach (AssemblyName name in assembly.GetReferencedAssemblies())
            {
                if (seen.Add(name.FullName) && Load(name) is { } loaded)
                {
                    open.Enqueue(loaded);
                }
            }
        }
    }

    private static Assembly? Load(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
