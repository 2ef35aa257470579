using System.Net;
using System.Net.Http.Headers;

namespace HashMatch.Cli.Driving;

/// <summary>Makes prepared calls over HTTP/2 connections, used in turn. Safe for concurrent use.</summary>
internal sealed class RawCaller : IDisposable
{
    private const long EnhanceYourCalm = 0xb;
    private const string StatusName = "grpc-status";
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    private readonly HttpMessageInvoker[] _connections;
    private readonly Uri _address;
    private readonly string? _apiKey;
    private int _next;
    private string? _problem;

    /// <param name="address">Where gRPC is served.</param>
    /// <param name="connections">How many.</param>
    /// <param name="apiKey">Shown with every call; null for none.</param>
    public RawCaller(ServerAddress address, int connections, string? apiKey = null)
    {
        _address = address.Uri;
        _apiKey = apiKey;
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpMessageInvoker(address.Open()))];
    }

    /// <summary>What the first call that failed came to; null when there is none.</summary>
    public string? Problem => _problem;

    /// <summary>Makes one call.</summary>
    /// <returns>What became of it.</returns>
    public async Task<CallResult> CallAsync(PreparedCall call, CancellationToken cancellation)
    {
        int place = (int)((uint)Interlocked.Increment(ref _next) % _connections.Length);
        try
        {
            using HttpRequestMessage request = RequestOf(call);
            using HttpResponseMessage response =
                await _connections[place].SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            string? status = StatusOf(response.Headers) ?? StatusOf(response.TrailingHeaders);
            return ResultOf(call, status, answer);
        }
        catch (HttpRequestException e) when (e.InnerException is HttpProtocolException { ErrorCode: EnhanceYourCalm })
        {
            return CallResult.Calmed;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Failed($"{call.Path}: {e.GetBaseException().Message}");
        }
    }

    public void Dispose()
    {
        foreach (HttpMessageInvoker connection in _connections)
        {
            connection.Dispose();
        }
    }

    private static string? StatusOf(HttpResponseHeaders headers) =>
        headers.TryGetValues(StatusName, out IEnumerable<string>? values) ? values.First() : null;

    private HttpRequestMessage RequestOf(PreparedCall call)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, call.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(call.Body),
        };
        request.Content.Headers.ContentType = Grpc;
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (_apiKey is not null)
        {
            request.Headers.Add("x-api-key", _apiKey);
        }

        return request;
    }

    private CallResult ResultOf(PreparedCall call, string? status, byte[] answer) => status switch
    {
        "0" when answer.Length >= PreparedCall.PrefixBytes => Judged(call, answer),
        "8" => CallResult.Shed,
        _ => Failed($"{call.Path}: grpc-status {status ?? "missing"}"),
    };

    private CallResult Judged(PreparedCall call, byte[] answer)
    {
        if (call.Judge(answer.AsMemory(PreparedCall.PrefixBytes)) is not { } problem)
        {
            return CallResult.Answered;
        }

        Interlocked.CompareExchange(ref _problem, problem, null);
        return CallResult.Wrong;
    }

    private CallResult Failed(string problem)
    {
        Interlocked.CompareExchange(ref _problem, problem, null);
        return CallResult.Failed;
    }
}
