using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>
/// Meta's Hasher-Matcher-Actioner by its HTTP API, as its documentation has it: a picture is a form's file named
/// `photo` to `/m/lookup`, which answers with the names of the banks that match, by kind of hash; a hash is a query of
/// `/m/raw_lookup`, which answers with `matches`. It has no call for many hashes: those of a batch go one by one.
/// </summary>
internal sealed class HmaTarget : ITarget
{
    private const string Boundary = "hashmatch-load";

    // HTTP/1.1 has one call at a time on a connection, so there are as many as there are calls in flight.
    private readonly HttpClient _http;
    private string? _problem;

    public HmaTarget(string name, Uri address)
    {
        Name = name;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    }

    public string Name { get; }

    public string? Build => null;

    public Process? Process => null;

    public string? Said => null;

    public string? Problem => _problem;

    public Func<CancellationToken, Task<CallResult>> Prepare(LoadItem item)
    {
        switch (item)
        {
            case PictureItem picture:
                byte[] form = FormOf(picture.File);
                return cancellation => LookUpAsync(form, picture.IsListed, cancellation);
            case HashesItem batch:
                (string Path, bool IsListed)[] queries = [.. Enumerable.Range(batch.Place, batch.Count)
                    .Select(place => batch.Pool.At(place))
                    .Select(query => (
                        $"/m/raw_lookup?signal_type=pdq&signal={query.Hex}", query.ExternalId is not null))];
                bool isKnown = batch.Pool.IsKnown;
                return cancellation => LookUpAsync(queries, isKnown, cancellation);
            default:
                throw new ArgumentOutOfRangeException(nameof(item));
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] FormOf(byte[] file)
    {
        using var form = new MultipartFormDataContent(Boundary);
        form.Add(new ByteArrayContent(file), "photo", "upload");
        return form.ReadAsByteArrayAsync().GetAwaiter().GetResult();
    }

    private async Task<CallResult> LookUpAsync(byte[] form, bool? isListed, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(form);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary=\"{Boundary}\"");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/m/lookup?types=pdq") { Content = content };
        return await SendAsync(
            request,
            answer => answer.TryGetProperty("pdq", out JsonElement banks) ? banks.GetArrayLength() > 0 : null,
            isListed,
            cancellation).ConfigureAwait(false);
    }

    private async Task<CallResult> LookUpAsync(
        (string Path, bool IsListed)[] queries, bool isKnown, CancellationToken cancellation)
    {
        foreach ((string path, bool isListed) in queries)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            CallResult result = await SendAsync(
                request,
                answer => answer.TryGetProperty("matches", out JsonElement matches)
                    ? matches.GetArrayLength() > 0
                    : null,
                isKnown ? isListed : null,
                cancellation).ConfigureAwait(false);
            if (result != CallResult.Answered)
            {
                return result;
            }
        }

        return CallResult.Answered;
    }

    // matches: whether there is one; null when the answer does not say so.
    private async Task<CallResult> SendAsync(
        HttpRequestMessage request, Func<JsonElement, bool?> matches, bool? isListed, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                Note($"{request.RequestUri}: {(int)response.StatusCode}");
                return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                    ? CallResult.Shed
                    : CallResult.Failed;
            }

            using var answer = JsonDocument.Parse(body);
            bool? isMatch = answer.RootElement.ValueKind == JsonValueKind.Object ? matches(answer.RootElement) : null;
            if (isMatch is { } said && (isListed is null || isListed == said))
            {
                return CallResult.Answered;
            }

            Note($"{request.RequestUri}: {(isMatch is null ? "not the answer of its API" : "not the right answer")}");
            return CallResult.Wrong;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException
            or InvalidOperationException)
        {
            Note($"{request.RequestUri}: {e.GetBaseException().Message}");
            return CallResult.Failed;
        }
    }

    private void Note(string problem) => Interlocked.CompareExchange(ref _problem, problem, null);
}
