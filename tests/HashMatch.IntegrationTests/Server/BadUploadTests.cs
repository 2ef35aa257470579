using Google.Protobuf;
using Grpc.Core;
using HashMatch.Tests;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Uploads that cannot be hashed, and calls that are wrong.</summary>
public sealed class BadUploadTests(MatchingFixture fixture) : IClassFixture<MatchingFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    public static TheoryData<string, byte[], V1.UnhashableReason> Unhashable => new()
    {
        { "text", "a letter, not a picture"u8.ToArray(), V1.UnhashableReason.UnsupportedFormat },
        { "one byte", [0xff], V1.UnhashableReason.UnsupportedFormat },
        { "half a file", DrawnPicture.Draw(1)[..1000], V1.UnhashableReason.Truncated },
        { "too small", DrawnPicture.Flat(4, 300), V1.UnhashableReason.TooSmall },
        { "too wide", DrawnPicture.Claims(60_000, 5), V1.UnhashableReason.TooManyPixels },
        { "too many pixels", DrawnPicture.Claims(29_000, 29_000), V1.UnhashableReason.TooManyPixels },
        { "flat", DrawnPicture.Flat(300, 200), V1.UnhashableReason.LowQuality },
    };

    [Theory]
    [MemberData(nameof(Unhashable), DisableDiscoveryEnumeration = true)]
    public async Task What_cannot_be_hashed_is_a_verdict_with_its_reason(
        string what, byte[] image, V1.UnhashableReason reason)
    {
        V1.MatchResponse verdict = await Server.MatchAsync(image, Cancellation);
        Assert.True(verdict.Outcome == V1.Outcome.Unhashable, what);
        Assert.Equal((reason, V1.Action.Review), (verdict.UnhashableReason, verdict.Action));
    }

    [Fact]
    public async Task Broken_pixels_are_CORRUPT()
    {
        byte[] image = DrawnPicture.Draw(1);
        image.AsSpan(image.Length / 2, 40).Fill(0x55);
        V1.MatchResponse verdict = await Server.MatchAsync(image, Cancellation);
        Assert.Equal(V1.Outcome.Unhashable, verdict.Outcome);
        Assert.Contains(
            verdict.UnhashableReason, new[] { V1.UnhashableReason.Corrupt, V1.UnhashableReason.Truncated });
    }

    [Fact]
    public async Task No_bytes_are_a_bad_field_in_every_call()
    {
        Assert.Equal(["image"], await InvalidAsync(() => Server.MatchAsync([], Cancellation)));
        Assert.Equal(["image"], await InvalidAsync(() => UploadAsync()));
        Assert.Equal(["image"], await InvalidAsync(() => UploadAsync(
            new V1.MatchUploadRequest { Options = new V1.MatchOptions() },
            new V1.MatchUploadRequest { Chunk = ByteString.Empty })));
        Assert.Equal(["image"], await InvalidAsync(() => Server.Matching.HashAsync(
            new V1.HashRequest(), cancellationToken: Cancellation).ResponseAsync));
    }

    [Fact]
    public async Task Bad_options_are_named()
    {
        byte[] image = DrawnPicture.Draw(1);
        var long129 = new V1.MatchOptions { Reference = new string('x', 129) };
        var unknown = new V1.MatchOptions { Fidelity = (V1.Fidelity)7 };
        Assert.Equal(["options.reference"], await InvalidAsync(() => Server.MatchAsync(image, Cancellation, long129)));
        Assert.Equal(["options.fidelity"], await InvalidAsync(() => Server.MatchAsync(image, Cancellation, unknown)));
        Assert.Equal(["options.reference"], await InvalidAsync(() => UploadAsync(
            new V1.MatchUploadRequest { Options = long129 })));
        Assert.Equal(["fidelity"], await InvalidAsync(() => Server.Matching.HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(image), Fidelity = (V1.Fidelity)7 },
            cancellationToken: Cancellation).ResponseAsync));
        Assert.Equal(["options"], await InvalidAsync(() => UploadAsync(
            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(image) },
            new V1.MatchUploadRequest { Options = new V1.MatchOptions() })));
        Assert.Equal(["part"], await InvalidAsync(() => UploadAsync(new V1.MatchUploadRequest())));
    }

    [Fact]
    public async Task An_upload_over_the_limit_is_refused_as_soon_as_it_is_over()
    {
        byte[] mebibyte = new byte[1024 * 1024];
        using (var call = Server.Matching.MatchUpload(cancellationToken: Cancellation))
        {
            // The caller never closes its side: the answer comes all the same.
            await Statuses.FailsAsync(StatusCode.ResourceExhausted, "UPLOAD_TOO_LARGE", async () =>
            {
                Task<V1.MatchResponse> answer = call.ResponseAsync;
                for (int i = 0; i < 6 && !answer.IsCompleted; i++)
                {
                    try
                    {
                        await call.RequestStream.WriteAsync(
                            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(mebibyte) }, Cancellation);
                    }
                    catch (Exception e) when (
                        e is RpcException or InvalidOperationException or HttpRequestException
                            or NullReferenceException)
                    {
                        break;
                    }
                }

                await answer;
            });
        }

        await Server.IdleAsync(Cancellation);
        await Statuses.FailsAsync(StatusCode.ResourceExhausted, "UPLOAD_TOO_LARGE", () => Server.MatchAsync(
            new byte[MatchingFixture.MaxImageBytes + 1], Cancellation));
        RpcException message = await Assert.ThrowsAsync<RpcException>(() => Server.MatchAsync(
            new byte[MatchingFixture.MaxImageBytes + (128 * 1024)], Cancellation));
        Assert.Equal((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"), (
            message.StatusCode, Statuses.ReasonOf(message)));
    }

    [Fact]
    public async Task Files_of_the_sample_set_that_are_no_pictures_are_unhashable()
    {
        string folder = Conformance.PathOf("images");
        HashSet<string> pictures = [.. Conformance.Rows("pdq-images.csv").Select(row => row[0])];
        string[] others =
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(path => !pictures.Contains(Path.GetRelativePath(folder, path))
                    && new FileInfo(path).Length is > 0 and < MatchingFixture.MaxImageBytes),
        ];
        Assert.NotEmpty(others);
        foreach (string path in others)
        {
            V1.MatchResponse verdict = await Server.MatchAsync(
                await File.ReadAllBytesAsync(path, Cancellation), Cancellation);
            Assert.True(verdict.Outcome == V1.Outcome.Unhashable, path);
        }
    }

    private static Task<string[]> InvalidAsync(Func<Task> call) =>
        Statuses.FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", call);

    private async Task<V1.MatchResponse> UploadAsync(params V1.MatchUploadRequest[] parts)
    {
        using var call = Server.Matching.MatchUpload(cancellationToken: Cancellation);
        return await call.SendAsync(parts, Cancellation);
    }
}
