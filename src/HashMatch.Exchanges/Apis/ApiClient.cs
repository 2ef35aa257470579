using System.Net;
using System.Net.Http.Headers;
using HashMatch.Exchanges.Configuration;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace HashMatch.Exchanges.Apis;

/// <summary>
/// HTTP as far as an exchange is trusted: its own origin only, bounded answers, retries with back-off. No message of it
/// holds an address with a query, since that may hold a credential.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MaxErrorBytes = 64 * 1024;

    private readonly Uri _base;
    private readonly ExchangeLimits _limits;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _retries;

    /// <param name="address">The API's address.</param>
    /// <param name="limits">How patient to be.</param>
    /// <param name="time">Times waits.</param>
    public ApiClient(Uri address, ExchangeLimits limits, TimeProvider time)
    {
        _base = address;
        _limits = limits;
        _time = time;
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.All,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(15),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            },
            disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("HashMatch", "1"));
        ResiliencePipelineBuilder builder = new() { TimeProvider = time };
        if (limits.Attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ExchangeException>(IsWorthATry),
                MaxRetryAttempts = limits.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = limits.BaseDelay,
                MaxDelay = limits.MaxDelay,
                DelayGenerator = retry => ValueTask.FromResult(
                    (retry.Outcome.Exception as ExchangeException)?.RetryAfter),
            });
        }

        _retries = builder.AddTimeout(new TimeoutStrategyOptions { Timeout = limits.AttemptTimeout }).Build();
    }

    /// <summary>An address of the API below its own; what follows may have a query.</summary>
    public Uri At(string path) => new(_base.AbsoluteUri.TrimEnd('/') + "/" + path.TrimStart('/'));

    /// <summary>An address that a page gave, if it is the API's own.</summary>
    /// <exception cref="ExchangeException">It is another's.</exception>
    public Uri Own(string given)
    {
        string prefix = _base.AbsolutePath.TrimEnd('/');
        bool isPath = given.StartsWith('/') && !given.StartsWith("//", StringComparison.Ordinal);
        string full = isPath && !given.StartsWith(prefix + "/", StringComparison.Ordinal)
            ? _base.AbsoluteUri.TrimEnd('/') + given
            : given;
        return Uri.TryCreate(_base, full, out Uri? address) && IsOwn(address)
            ? address
            : throw new ExchangeException(
                ExchangeProblem.ForeignAddress,
                "A page sends to an address that is not the exchange's own; it was not asked.");
    }

    /// <summary>Asks until there is an answer that is good, or no hope.</summary>
    /// <param name="request">Makes the request anew for each try.</param>
    /// <param name="read">Reads a good answer; throws when it is not whole.</param>
    /// <param name="judge">Says what a bad one means.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<T> AskAsync<T>(
        Func<HttpRequestMessage> request,
        Func<byte[], T> read,
        Func<ApiAnswer, ExchangeException> judge,
        CancellationToken cancellation)
    {
        try
        {
            return await _retries.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        ApiAnswer answer = await AskOnceAsync(request, token).ConfigureAwait(false);
                        return (int)answer.Status is >= 200 and < 300 ? read(answer.Body) : throw judge(answer);
                    }
                    catch (Exception e) when (e is HttpRequestException or IOException)
                    {
                        // Whose message may say a host, and never a query.
                        throw new ExchangeException(
                            ExchangeProblem.NotReachable, $"{_base.Authority} cannot be reached: {Why(e)}.", e);
                    }
                    catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
                    {
                        throw new ExchangeException(
                            ExchangeProblem.NotReachable, $"{_base.Authority} does not answer in time.", e);
                    }
                },
                cancellation).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException e)
        {
            throw new ExchangeException(
                ExchangeProblem.NotReachable, $"{_base.Authority} does not answer in time.", e);
        }
    }

    /// <summary>What a status means, where an API has no words of its own for it.</summary>
    public ExchangeException Judge(ApiAnswer answer)
    {
        int status = (int)answer.Status;
        (ExchangeProblem problem, string what) = status switch
        {
            401 => (ExchangeProblem.Unauthorized, "does not accept the credentials"),
            403 => (ExchangeProblem.Unauthorized, "does not allow it with these credentials"),
            429 => (ExchangeProblem.RateLimited, "asks to come back later"),
            408 => (ExchangeProblem.ServerFault, "timed out"),
            >= 500 => (ExchangeProblem.ServerFault, "failed"),
            _ => (ExchangeProblem.Refused, "refuses the request"),
        };
        return new ExchangeException(problem, $"{_base.Authority} {what} (HTTP {status}).")
        {
            RetryAfter = answer.RetryAfter,
        };
    }

    public void Dispose() => _http.Dispose();

    // Longer than this nobody waits with a page in hand: the run ends and the schedule begins it again.
    private bool IsWorthATry(ExchangeException e) =>
        e.IsTransient && (e.RetryAfter is not { } asked || asked <= _limits.MaxDelay);

    private static string Why(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "its TLS is not good",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "nothing answers there",
        _ => "the connection was cut",
    };

    private bool IsOwn(Uri address) =>
        address.Scheme == _base.Scheme && address.Authority == _base.Authority && address.UserInfo.Length == 0;

    private async Task<ApiAnswer> AskOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        Uri? redirected = null;
        for (int i = 0; i <= MaxRedirects; i++)
        {
            using HttpRequestMessage request = make();
            request.RequestUri = redirected ?? request.RequestUri;
            using HttpResponseMessage response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            bool isRedirect = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (!isRedirect || request.Method != HttpMethod.Get)
            {
                bool isGood = response.IsSuccessStatusCode;
                byte[] body = await ReadAsync(
                    response, isGood ? _limits.MaxPageBytes : MaxErrorBytes, isGood, cancellation)
                    .ConfigureAwait(false);
                return new ApiAnswer(response.StatusCode, body, RetryAfterOf(response));
            }

            redirected = Own(response.Headers.Location is { } location
                ? new Uri(request.RequestUri!, location).AbsoluteUri
                : "");
        }

        throw new ExchangeException(ExchangeProblem.Refused, $"{_base.Authority} redirects in circles.");
    }

    private static async Task<byte[]> ReadAsync(
        HttpResponseMessage response, int maxBytes, bool whole, CancellationToken cancellation)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using MemoryStream body = new();
            byte[] buffer = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > maxBytes)
                {
                    return whole
                        ? throw new ExchangeException(ExchangeProblem.BadPage, $"A page is over {maxBytes} bytes.")
                        : body.ToArray();
                }

                body.Write(buffer, 0, read);
            }

            return body.ToArray();
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        TimeSpan? asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            // By the clock of who says it.
            { Date: { } date } => date - (response.Headers.Date ?? _time.GetUtcNow()),
            _ => null,
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
