using System.ComponentModel;
using System.Diagnostics;
using HashMatch.Imaging.Headers;

namespace HashMatch.Imaging.Workers;

/// <summary>One worker process, one request at a time. Whatever it does, a request ends by its deadline.</summary>
internal sealed class DecodeWorker : IDisposable
{
    /// <summary>Time for a process to start and to confine itself; a machine under load takes seconds.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    // A worker looks at the deadline itself, and is spared when it can end its work. One that cannot is killed.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Process _process;
    private readonly SharedBytes? _shared;
    private readonly ResidentMemory _memory;
    private readonly Stream _requests;
    private readonly Stream _replies;
    private WorkerEnd _end;
    private bool _isBusy;
    private long _deadline;
    private long _maxBytes;

    private DecodeWorker(Process process, SharedBytes? shared)
    {
        _process = process;
        _shared = shared;
        _memory = new ResidentMemory(process);
        _requests = process.StandardInput.BaseStream;
        _replies = process.StandardOutput.BaseStream;
    }

    /// <summary>Number of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>What it says is in force.</summary>
    public WorkerConfinement Confinement { get; private set; }

    /// <summary>Requests that it answered.</summary>
    public int Answered { get; private set; }

    /// <summary>It can take a request, as far as is known.</summary>
    public bool IsAlive => _end == WorkerEnd.None && !_process.HasExited;

    /// <summary>Why it has ended; None while nothing is known of it.</summary>
    public WorkerEnd EndedBy => _end != WorkerEnd.None || !_process.HasExited ? _end : WorkerEnd.Crashed;

    /// <summary>Bytes of memory that it has in use.</summary>
    public long ResidentBytes => _memory.Read();

    /// <summary>Starts one and waits until it is ready; null when it cannot be.</summary>
    /// <param name="limits">The largest requests that it will get.</param>
    /// <param name="problem">What its program said where it did not start; empty where nothing is known.</param>
    public static DecodeWorker? Start(ImageLimits limits, out string problem)
    {
        problem = "";
        SharedBytes? shared = SharedBytes.Create(limits.MaxImageBytes);
        ProcessStartInfo? start = WorkerProgram.Start(shared, WorkerMemory.Most(limits));
        DecodeWorker? worker = null;
        try
        {
            if (start is not null && SharedBytes.Inherited(shared, () => WorkerStarter.Start(start)) is { } process)
            {
                worker = new DecodeWorker(process, shared);
                if (worker.Greet())
                {
                    return worker;
                }

                problem = worker.LastWords();
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            problem = e.Message;
        }

        worker?.Dispose();
        shared?.Dispose();
        return null;
    }

    /// <summary>Has one file hashed.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="header">What the file says of itself, within the limits.</param>
    /// <param name="request">What is wanted; the length and where the bytes are is filled in here.</param>
    /// <param name="watch">Looks at the deadline and the memory limit meanwhile.</param>
    /// <param name="cancellation">Kills the worker.</param>
    public ImageHashes Hash(
        ReadOnlySpan<byte> image,
        ImageHeader header,
        WorkerRequest request,
        WorkerWatch watch,
        CancellationToken cancellation)
    {
        if (!header.HasBaggage)
        {
            return Hash(image[..header.Length], header, request, watch, WorkerMemory.Of(header, request), cancellation);
        }

        byte[] picture = ScrubbedArrays<byte>.Rent(image.Length);
        try
        {
            int length = PngHeader.CopyPicture(image, picture);
            return Hash(
                picture.AsSpan(0, length), header, request, watch, WorkerMemory.Of(header, request), cancellation);
        }
        finally
        {
            ScrubbedArrays<byte>.Return(picture);
        }
    }

    /// <summary>Has a drill done; null unless it gave a message back.</summary>
    public byte[]? Drill(WorkerDrill drill, WorkerWatch watch, ImageLimits limits, CancellationToken cancellation)
    {
        var request = new WorkerRequest { Drill = drill, Limits = limits };
        return Exchange([], request, watch, WorkerMemory.Idle + (64 * 1024 * 1024), cancellation);
    }

    /// <summary>Kills it when its request is past its deadline, or over its memory.</summary>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public void Check(long now)
    {
        lock (_gate)
        {
            if (!_isBusy)
            {
                return;
            }

            if (now > _deadline)
            {
                Kill(WorkerEnd.Deadline);
            }
            else if (_memory.Read() > _maxBytes)
            {
                Kill(WorkerEnd.Memory);
            }
        }
    }

    /// <summary>Kills it, whatever it does; a request in it ends as failed.</summary>
    public void Retire() => End(WorkerEnd.Retired);

    /// <summary>Kills it and waits until it is gone.</summary>
    public void Dispose()
    {
        Retire();
        _process.WaitForExit();
        _memory.Dispose();
        _requests.Dispose();
        _replies.Dispose();
        _process.Dispose();
        _shared?.Dispose();
    }

    private ImageHashes Hash(
        ReadOnlySpan<byte> picture,
        ImageHeader header,
        WorkerRequest request,
        WorkerWatch watch,
        long maxBytes,
        CancellationToken cancellation)
    {
        bool isShared = Confinement.HasFlag(WorkerConfinement.SharedMemory) && picture.Length <= _shared!.Capacity;
        WorkerRequest complete = request with { Length = picture.Length, IsShared = isShared };
        byte[]? message = Exchange(picture, complete, watch, maxBytes, cancellation);
        if (message is not null && WorkerReply.Parse(message, complete) is { } hashes)
        {
            Answered++;
            return hashes;
        }

        if (message is not null)
        {
            End(WorkerEnd.Nonsense);
        }

        return Failed(_end, request.Format, header);
    }

    /// <summary>What a request is told of which no answer came.</summary>
    private static ImageHashes Failed(WorkerEnd end, ImageFormat format, ImageHeader header) => new()
    {
        Status = end == WorkerEnd.Deadline ? DecodeStatus.TimedOut : DecodeStatus.DecoderFailed,
        Detail = end switch
        {
            WorkerEnd.Deadline => Details.TimedOut,
            WorkerEnd.Memory => Details.WorkerMemory,
            WorkerEnd.Nonsense => Details.WorkerNonsense,
            _ => Details.WorkerEnded,
        },
        Format = format,
        Width = header.Width,
        Height = header.Height,
        FrameCount = Math.Max(1, header.Frames),
    };

    // One message out, one back; null when there was none, and the worker has ended.
    private byte[]? Exchange(
        ReadOnlySpan<byte> picture,
        WorkerRequest request,
        WorkerWatch watch,
        long maxBytes,
        CancellationToken cancellation)
    {
        Begin(request.Limits.Timeout + Grace, maxBytes);
        watch.Add(this);
        using CancellationTokenRegistration registration = cancellation.Register(Cancel);
        try
        {
            if (request.IsShared)
            {
                _shared!.Write(picture);
            }

            WorkerFrames.Write(_requests, request.ToBytes());
            if (!request.IsShared)
            {
                _requests.Write(picture);
                _requests.Flush();
            }

            byte[]? reply = WorkerFrames.Read(_replies);
            if (reply is null)
            {
                End(WorkerEnd.Crashed);
            }

            return reply;
        }
        catch (IOException)
        {
            End(WorkerEnd.Crashed);
            return null;
        }
        catch (InvalidDataException)
        {
            End(WorkerEnd.Nonsense);
            return null;
        }
        finally
        {
            lock (_gate)
            {
                _isBusy = false;
            }

            watch.Remove(this);
            if (request.IsShared)
            {
                _shared!.Clear(picture.Length);
            }
        }
    }

    private void Begin(TimeSpan timeout, long maxBytes)
    {
        lock (_gate)
        {
            _deadline = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            _maxBytes = maxBytes;
            _isBusy = true;
        }
    }

    // A token that is cancelled behind the answer must not cost the next request its worker.
    private void Cancel()
    {
        lock (_gate)
        {
            if (_isBusy)
            {
                Kill(WorkerEnd.Deadline);
            }
        }
    }

    private bool Greet()
    {
        using var late = new Timer(_ => Retire(), null, StartTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            if (WorkerFrames.Read(_replies) is { } message && WorkerHello.Parse(message) is { } confinement)
            {
                Confinement = confinement;
                return true;
            }
        }
        catch (InvalidDataException)
        {
            // Not our program, or not as it should be.
        }

        Retire();
        return false;
    }

    // Read before the worker has seen a single upload.
    private string LastWords()
    {
        char[] text = new char[1024];
        return new string(text, 0, _process.StandardError.ReadBlock(text)).Trim();
    }

    private void End(WorkerEnd end)
    {
        lock (_gate)
        {
            Kill(end);
        }
    }

    // The first reason is the one that counts. Under the gate.
    private void Kill(WorkerEnd end)
    {
        if (_end == WorkerEnd.None)
        {
            _end = end;
            try
            {
                _process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended already.
            }
        }
    }
}
