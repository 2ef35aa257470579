using System.Net.Http.Json;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Memory;

/// <summary>Uploads through every call that takes one, well and badly, some of them cut off in the middle.</summary>
internal sealed class EveryCall(
    GrpcChannel channel, HttpClient http, MarkedPictures marked, CancellationToken cancellation)
{
    private static readonly V1.MatchOptions Bad = new() { Reference = new string('r', 200) };
    private static readonly V1.MatchOptions Reference = new() { Fidelity = V1.Fidelity.Reference, Dihedral = true };

    private readonly V1.Matching.MatchingClient _matching = new(channel);
    private readonly IReadOnlyDictionary<string, byte[]> _pictures = marked.All();
    private int _round;
    private int _hashed;

    /// <summary>Uploads that were hashed, of all.</summary>
    public int Hashed => _hashed;

    /// <summary>One round of all pictures and faults.</summary>
    /// <returns>Uploads that were sent.</returns>
    public async Task<int> UploadAllAsync()
    {
        int sent = 0;
        foreach (byte[] picture in _pictures.Values)
        {
            foreach (byte[] file in marked.WithFaults(picture))
            {
                await UploadAsync(file, _round++);
                sent++;
            }
        }

        await TryAsync(() => MatchAsync(marked.Baggage(1_050_000), null));
        await TryAsync(() => MatchAsync(marked.Baggage(3_000_000), null));
        await TryAsync(() => ChunksAsync(marked.Baggage(3_000_000), Reference));
        await TryAsync(() => JsonAsync("/v1/match", marked.Baggage(1_050_000)));
        await TryAsync(() => JsonAsync("/v1/match", marked.Baggage(3_000_000)));
        await RawJsonAsync($"{{\"image\":\"{Convert.ToBase64String(marked.Baggage(9000))}\", \"options\": 7");
        await RawJsonAsync($"{{\"image\":\"!{Convert.ToBase64String(marked.Baggage(9000))}\"}}");
        await HangUpAsync(marked.Baggage(300_000));
        await HangUpJsonAsync(marked.Baggage(300_000));
        return sent + 9;
    }

    private async Task UploadAsync(byte[] file, int round)
    {
        await TryAsync(() => (round % 8) switch
        {
            0 => MatchAsync(file, null),
            1 => MatchAsync(file, Reference),
            2 => ChunksAsync(file, Reference),
            3 => StreamAsync(file),
            4 => HashAsync(file),
            5 => JsonAsync("/v1/match", file),
            6 => MatchAsync(file, Bad),
            _ => JsonAsync("/v1/hash", file),
        });
        if (round % 5 == 0)
        {
            await TryAsync(() => MatchAsync(file, Reference, DateTime.UtcNow.AddMilliseconds(2)));
        }
    }

    private async Task MatchAsync(byte[] file, V1.MatchOptions? options, DateTime? deadline = null)
    {
        V1.MatchResponse verdict = await _matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(file), Options = options },
            deadline: deadline, cancellationToken: cancellation);
        Count(verdict);
    }

    private async Task HashAsync(byte[] file) => await _matching.HashAsync(
        new V1.HashRequest { Image = ByteString.CopyFrom(file), Fidelity = V1.Fidelity.Reference },
        cancellationToken: cancellation);

    private async Task ChunksAsync(byte[] file, V1.MatchOptions options)
    {
        using var call = _matching.MatchUpload(cancellationToken: cancellation);
        V1.MatchUploadRequest[] parts =
        [
            new V1.MatchUploadRequest { Options = options },
            .. file.Chunk(10_000).Select(chunk => new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(chunk) }),
        ];
        Count(await call.SendAsync(parts, cancellation));
    }

    private async Task StreamAsync(byte[] file)
    {
        using var call = _matching.MatchStream(cancellationToken: cancellation);
        V1.MatchStreamRequest[] items =
        [
            .. Enumerable.Range(0, 3).Select(tag => new V1.MatchStreamRequest
            {
                Tag = (ulong)tag,
                Image = ByteString.CopyFrom(file),
                Options = tag == 1 ? Bad : Reference,
            }),
        ];
        await call.RequestStream.SendAsync(items, cancellation);
        while (await call.ResponseStream.MoveNext(cancellation))
        {
        }
    }

    private async Task HangUpAsync(byte[] file)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = _matching.MatchUpload(cancellationToken: gone.Token);
        await TryAsync(async () =>
        {
            await call.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(file) }, gone.Token);
            await gone.CancelAsync();
            await call;
        });
    }

    private async Task JsonAsync(string path, byte[] file)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync(path, new { image = file }, cancellation);
        _ = await response.Content.ReadAsStringAsync(cancellation);
    }

    private async Task RawJsonAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync("/v1/match", content, cancellation);
        Assert.False(response.IsSuccessStatusCode);
    }

    private async Task HangUpJsonAsync(byte[] file)
    {
        using var socket = new System.Net.Sockets.TcpClient(http.BaseAddress!.Host, http.BaseAddress.Port);
        string head = "POST /v1/match HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            + "Content-Length: 9000000\r\n\r\n{\"image\":\"";
        await socket.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(head + Convert.ToBase64String(file)), cancellation);
    }

    private void Count(V1.MatchResponse verdict) => _hashed += verdict.Hash.Length > 0 ? 1 : 0;

    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or HttpRequestException)
        {
            // Refused uploads are part of it.
        }
    }
}
