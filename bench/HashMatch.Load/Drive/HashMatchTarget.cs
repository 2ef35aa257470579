using System.Diagnostics;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>A HashMatch by gRPC: one that runs, or one that is started.</summary>
internal sealed class HashMatchTarget : ITarget
{
    private readonly StartedServer? _started;
    private readonly RawCaller _caller;
    private readonly StreamCaller? _streams;
    private readonly UploadMethod _method;

    /// <param name="name">What the results call it.</param>
    /// <param name="address">Where it serves.</param>
    /// <param name="started">The server when it was started here, which ends with this.</param>
    /// <param name="build">Of that server.</param>
    /// <param name="options">Connections and method.</param>
    public HashMatchTarget(
        string name, ServerAddress address, StartedServer? started, string? build, DriveOptions options)
    {
        Name = name;
        Build = build;
        _started = started;
        _method = options.Method;
        _caller = new RawCaller(address, options.Connections, options.ApiKey);
        _streams = _method == UploadMethod.Stream
            ? new StreamCaller(address, options.Connections, options.ApiKey)
            : null;
    }

    public string Name { get; }

    public string? Build { get; }

    public Process? Process => _started?.Process;

    public string? Said => _started?.Said;

    public string? Problem => _caller.Problem ?? _streams?.Problem;

    public Func<CancellationToken, Task<CallResult>> Prepare(LoadItem item)
    {
        if (item is PictureItem picture && _streams is { } streams)
        {
            return cancellation => streams.CallAsync(picture, cancellation);
        }

        PreparedCall call = item switch
        {
            PictureItem one when _method == UploadMethod.Upload => PreparedCall.MatchUpload(one.File, one.IsListed),
            PictureItem one => PreparedCall.Match(one.File, one.IsListed),
            HashesItem batch => PreparedCall.MatchHashes(batch.Pool, batch.Place, batch.Count),
            _ => throw new ArgumentOutOfRangeException(nameof(item)),
        };
        return cancellation => _caller.CallAsync(call, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        if (_streams is not null)
        {
            await _streams.DisposeAsync();
        }

        if (_started is not null)
        {
            await _started.DisposeAsync();
        }
    }
}
