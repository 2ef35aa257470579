using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Load.Overload;

/// <summary>
/// Makes Match calls of one picture as the frames that they are, built once, so that the caller takes as little as it
/// can of a machine that it shares with the server.
/// </summary>
internal sealed class RawCaller : IDisposable
{
    private const int PrefixBytes = 5;
    private const long EnhanceYourCalm = 0xb;
    private const string StatusName = "grpc-status";

    private readonly HttpMessageInvoker[] _connections;
    private readonly Uri _address;
    private readonly byte[] _body;
    private int _next;
    private int _connected;
    private string? _problem;

    /// <param name="address">Where gRPC is served.</param>
    /// <param name="picture">What is uploaded.</param>
    /// <param name="connections">HTTP/2 connections, used in turn.</param>
    public RawCaller(string address, byte[] picture, int connections)
    {
        _address = new Uri(new Uri(address), "/hashmatch.v1.Matching/Match");
        byte[] message = new V1.MatchRequest { Image = UnsafeByteOperations.UnsafeWrap(picture) }.ToByteArray();
        _body = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(_body.AsSpan(1), message.Length);
        message.CopyTo(_body, PrefixBytes);
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler
        {
            // More calls than a connection takes get one of their own.
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            ConnectCallback = ConnectAsync,
        }))];
    }

    /// <summary>Makes one call.</summary>
    /// <returns>What became of it.</returns>
    public async Task<CallResult> CallAsync(CancellationToken cancellation)
    {
        int place = (int)((uint)Interlocked.Increment(ref _next) % _connections.Length);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _address)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(_body),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
            using HttpResponseMessage response =
                await _connections[place].SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return ResultOf(StatusOf(response.Headers) ?? StatusOf(response.TrailingHeaders), answer);
        }
        catch (HttpRequestException e) when (e.InnerException is HttpProtocolException { ErrorCode: EnhanceYourCalm })
        {
            return CallResult.Calmed;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Interlocked.CompareExchange(ref _problem, e.ToString(), null);
            return CallResult.Failed;
        }
    }

    /// <summary>What the first call that failed without a status came to; null when there is none.</summary>
    public string? Problem => _problem;

    /// <summary>Connections that were made so far.</summary>
    public int Connected => Volatile.Read(ref _connected);

    public void Dispose()
    {
        foreach (HttpMessageInvoker connection in _connections)
        {
            connection.Dispose();
        }
    }

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            Interlocked.Increment(ref _connected);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string? StatusOf(HttpResponseHeaders headers) =>
        headers.TryGetValues(StatusName, out IEnumerable<string>? values) ? values.First() : null;

    private static CallResult ResultOf(string? status, byte[] answer) => status switch
    {
        "0" => V1.MatchResponse.Parser.ParseFrom(answer, PrefixBytes, answer.Length - PrefixBytes).Outcome
            == V1.Outcome.NoKnownMatch ? CallResult.Answered : CallResult.Wrong,
        "8" => CallResult.Shed,
        _ => CallResult.Failed,
    };
}
