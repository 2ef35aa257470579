using System.Runtime.InteropServices;

namespace HashMatch.Benchmarks.Searching;

/// <summary>A build of <c>bench/peers/faiss_shim.cpp</c>; see bench/README.md. Loaded until the process ends.
/// </summary>
internal sealed unsafe class FaissLibrary
{
    private FaissLibrary(nint library)
    {
        var name = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "peer_name");
        Name = Marshal.PtrToStringUTF8((nint)name()) ?? "FAISS";
        Create = (delegate* unmanaged<int, long, void*>)NativeLibrary.GetExport(library, "peer_create");
        Add = (delegate* unmanaged<void*, byte*, long, int>)NativeLibrary.GetExport(library, "peer_add");
        Bytes = (delegate* unmanaged<void*, long>)NativeLibrary.GetExport(library, "peer_bytes");
        Find = (delegate* unmanaged<void*, byte*, int, long, long*, int*, long>)
            NativeLibrary.GetExport(library, "peer_find");
        Free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "peer_free");
    }

    /// <summary>What it was built from.</summary>
    public string Name { get; }

    /// <summary>Whether it was built for this machine, as the goals ask.</summary>
    public bool IsNative => Name.Contains("native", StringComparison.Ordinal);

    public delegate* unmanaged<int, long, void*> Create { get; }

    public delegate* unmanaged<void*, byte*, long, int> Add { get; }

    public delegate* unmanaged<void*, long> Bytes { get; }

    public delegate* unmanaged<void*, byte*, int, long, long*, int*, long> Find { get; }

    public delegate* unmanaged<void*, void> Free { get; }

    /// <exception cref="DllNotFoundException">There is no such library.</exception>
    /// <exception cref="EntryPointNotFoundException">It is not the shim.</exception>
    public static FaissLibrary Load(string path) => new(NativeLibrary.Load(Path.GetFullPath(path)));
}
