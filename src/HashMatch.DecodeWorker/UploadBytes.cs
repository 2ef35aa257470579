using System.Globalization;
using System.IO.MemoryMappedFiles;
using HashMatch.Imaging.Workers;
using Microsoft.Win32.SafeHandles;

namespace HashMatch.DecodeWorker;

/// <summary>The bytes of the upload that is decoded; zeroed behind each.</summary>
internal sealed class UploadBytes : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private byte[] _bytes = [];

    private UploadBytes(MemoryMappedFile? file, MemoryMappedViewAccessor? view)
    {
        _file = file;
        _view = view;
    }

    /// <summary>The parent's memory can be read.</summary>
    public bool IsShared => _view is not null;

    /// <summary>
    /// Opens the memory that was inherited, for reading alone; without it bytes come through the pipe.
    /// </summary>
    public static UploadBytes Open(string path, int capacity)
    {
        if (path.Length > 0)
        {
            try
            {
                var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
                MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
                    stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                return new UploadBytes(file, file.CreateViewAccessor(0, capacity, MemoryMappedFileAccess.Read));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // A host without /proc.
            }
            finally
            {
                // What was inherited can be written.
                if (int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int descriptor))
                {
                    new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
                }
            }
        }

        return new UploadBytes(null, null);
    }

    /// <summary>The file of a request; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Read(WorkerRequest request, Stream pipe)
    {
        if (request.Length < 0 || request.Length > request.Limits.MaxImageBytes)
        {
            return default;
        }

        if (_bytes.Length < request.Length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(
                Math.Max(request.Length, 64 * 1024), pinned: true);
        }

        Span<byte> file = _bytes.AsSpan(0, request.Length);
        if (!request.IsShared)
        {
            pipe.ReadExactly(file);
        }
        else
        {
            _view?.SafeMemoryMappedViewHandle.ReadSpan(0, file);
        }

        return _bytes.AsMemory(0, request.Length);
    }

    /// <summary>Forgets the file of a request.</summary>
    public void Clear(WorkerRequest request)
    {
        _bytes.AsSpan(0, Math.Min(request.Length, _bytes.Length)).Clear();
        if (_bytes.Length > 4 * 1024 * 1024)
        {
            _bytes = [];
        }
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file?.Dispose();
    }
}
