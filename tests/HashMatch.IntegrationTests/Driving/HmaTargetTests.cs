using HashMatch.Cli.Driving;
using HashMatch.Load.Drive;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>The adapter to another service's API, against what stands in for that service.</summary>
public sealed class HmaTargetTests : IAsyncLifetime
{
    private static readonly byte[] Listed = [1, 2, 3, 4];
    private static readonly byte[] Unlisted = [5, 6, 7];

    private StandInHma _hma = null!;
    private HmaTarget _target = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hma = await StandInHma.StartAsync(Cancellation);
        _hma.Add(Listed);
        _target = new HmaTarget("hma", new Uri(_hma.Address));
    }

    public async ValueTask DisposeAsync()
    {
        await _target.DisposeAsync();
        await _hma.DisposeAsync();
    }

    [Fact]
    public async Task A_picture_is_a_form_with_one_photo_and_its_banks_are_the_answer()
    {
        Assert.Equal(CallResult.Answered, await CallAsync(Listed, isListed: true));
        Assert.Equal(CallResult.Answered, await CallAsync(Unlisted, isListed: false));
        Assert.Equal(CallResult.Answered, await CallAsync(Unlisted, isListed: null));
        Assert.Null(_target.Problem);
        Assert.Equal(CallResult.Wrong, await CallAsync(Unlisted, isListed: true));
        Assert.Equal(CallResult.Wrong, await CallAsync(Listed, isListed: false));
        Assert.Contains("not the right answer", _target.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hashes_of_a_batch_are_asked_one_by_one()
    {
        const int entries = 200;
        var pool = new QueryPool(entries, near: 0.5, seed: 3);
        var item = new HashesItem(pool, 40, 20);
        Assert.Contains(Enumerable.Range(40, 20), place => pool.At(place).ExternalId is not null);
        Assert.Equal(CallResult.Wrong, await _target.Prepare(item)(Cancellation));

        var hashes = new BalancedHashes(3);
        foreach (int number in Enumerable.Range(0, entries))
        {
            _hma.Add(hashes[number]);
        }

        _hma.Calls = 0;
        Assert.Equal(CallResult.Answered, await _target.Prepare(item)(Cancellation));
        Assert.Equal(20, _hma.Calls);
    }

    [Theory]
    [InlineData(503, "{}", nameof(CallResult.Shed))]
    [InlineData(429, "{}", nameof(CallResult.Shed))]
    [InlineData(500, "{}", nameof(CallResult.Failed))]
    [InlineData(400, "{}", nameof(CallResult.Failed))]
    [InlineData(200, "not JSON", nameof(CallResult.Failed))]
    [InlineData(200, "{}", nameof(CallResult.Wrong))]
    [InlineData(200, "[]", nameof(CallResult.Wrong))]
    public async Task What_is_no_answer_is_none(int status, string body, string result)
    {
        _hma.Instead = Results.Text(body, "application/json", statusCode: status);
        Assert.Equal(Enum.Parse<CallResult>(result), await CallAsync(Unlisted, isListed: false));
        Assert.NotNull(_target.Problem);
    }

    [Fact]
    public async Task A_service_that_is_gone_is_a_failed_call()
    {
        await _hma.DisposeAsync();
        Assert.Equal(CallResult.Failed, await CallAsync(Unlisted, isListed: false));
    }

    private Task<CallResult> CallAsync(byte[] file, bool? isListed) =>
        _target.Prepare(new PictureItem(file, isListed))(Cancellation);
}
