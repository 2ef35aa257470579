using Google.Protobuf;
using Grpc.Core;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Uploads and verdicts through every call of the data plane.</summary>
public sealed class MatchingTests(MatchingFixture fixture) : IClassFixture<MatchingFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    [Fact]
    public async Task A_picture_on_a_list_is_NEAR_and_says_what_it_was_matched_with()
    {
        V1.MatchResponse verdict = await Server.MatchAsync(
            DrawnPicture.Draw(2), Cancellation, new V1.MatchOptions { Reference = "case 7" });
        Assert.Equal((V1.Outcome.Near, V1.Action.Block), (verdict.Outcome, verdict.Action));
        Assert.Equal("case 7", verdict.Reference);
        Assert.Equal(26, verdict.VerdictId.Length);
        Assert.Equal(64, verdict.Hash.Length);
        Assert.InRange(verdict.Quality, 50u, 100u);
        Assert.True(verdict.IndexGeneration > 0);
        Assert.Contains(new V1.ListVersionRef { List = "drawn", Version = 1 }, verdict.ListVersions);
        V1.Match match = Assert.Single(verdict.Matches);
        Assert.Equal(
            ("drawn", 1ul, "drawn-2", "synthetic", "none", V1.HashType.Pdq, V1.Orientation.Original, V1.Action.Block),
            (match.List, match.ListVersion, match.ExternalId, match.Classification, match.Severity, match.Type,
                match.Orientation, match.Action));
        Assert.InRange(match.Distance, 0u, 10u);
    }

    [Fact]
    public async Task A_picture_on_no_list_is_NO_KNOWN_MATCH()
    {
        V1.MatchResponse verdict = await Server.MatchAsync(DrawnPicture.Draw(MatchingFixture.Unknown), Cancellation);
        Assert.Equal((V1.Outcome.NoKnownMatch, V1.Action.Allow), (verdict.Outcome, verdict.Action));
        Assert.Empty(verdict.Matches);
        Assert.Equal(V1.UnhashableReason.Unspecified, verdict.UnhashableReason);
    }

    [Fact]
    public async Task Reference_fidelity_is_taken()
    {
        V1.MatchResponse verdict = await Server.MatchAsync(
            DrawnPicture.Draw(1), Cancellation, new V1.MatchOptions { Fidelity = V1.Fidelity.Reference });
        Assert.Equal(0u, Assert.Single(verdict.Matches).Distance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_digest_on_a_list_is_EXACT(int place)
    {
        int seed = MatchingFixture.Digested[place];
        V1.MatchResponse verdict = await Server.MatchAsync(DrawnPicture.Draw(seed), Cancellation);
        Assert.Equal((V1.Outcome.Exact, V1.Action.Review), (verdict.Outcome, verdict.Action));
        Assert.Equal($"digest-{seed}", Assert.Single(verdict.Matches).ExternalId);
        // One byte more, and only the picture is the same.
        byte[] longer = [.. DrawnPicture.Draw(seed), 0];
        Assert.Equal(V1.Outcome.NoKnownMatch, (await Server.MatchAsync(longer, Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_turned_picture_is_found_when_asked_for()
    {
        byte[] image = DrawnPicture.Draw(MatchingFixture.Turned);
        Assert.Equal(V1.Outcome.NoKnownMatch, (await Server.MatchAsync(image, Cancellation)).Outcome);
        V1.MatchResponse verdict = await Server.MatchAsync(
            image, Cancellation, new V1.MatchOptions { Dihedral = true });
        Assert.Equal(V1.Outcome.Near, verdict.Outcome);
        Assert.Equal(V1.Orientation.Rotated90, Assert.Single(verdict.Matches).Orientation);
    }

    [Fact]
    public async Task A_picture_with_a_border_is_found_without_it_unless_the_list_says_no()
    {
        V1.MatchResponse verdict = await Server.MatchAsync(DrawnPicture.Letterboxed(2), Cancellation);
        Assert.Equal(V1.Outcome.Near, verdict.Outcome);
        V1.Match match = Assert.Single(verdict.Matches);
        Assert.Equal(
            ("drawn-2", V1.Rendition.Trimmed, 0u), (match.ExternalId, match.Rendition, match.Frame));
        Assert.InRange(match.Distance, 0u, 4u);
        V1.MatchEvent recorded = await EventAsync(verdict.VerdictId);
        Assert.Equal(V1.Rendition.Trimmed, recorded.Match.Rendition);
        V1.HashResponse hashed = await Server.Matching.HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(DrawnPicture.Letterboxed(2)), Dihedral = true },
            cancellationToken: Cancellation);
        Assert.Equal(
            [V1.Rendition.Whole, V1.Rendition.Trimmed], hashed.Renditions.Select(rendition => rendition.Rendition));
        Assert.Equal((hashed.Hash, verdict.Hash), (hashed.Renditions[0].Hash, hashed.Hash));
        Assert.Equal((1u, 8), (hashed.FrameCount, hashed.Renditions[1].Dihedral.Count));

        byte[] untrimmed = DrawnPicture.Letterboxed(MatchingFixture.Untrimmed);
        Assert.Equal(V1.Outcome.NoKnownMatch, (await Server.MatchAsync(untrimmed, Cancellation)).Outcome);
        untrimmed = DrawnPicture.Draw(MatchingFixture.Untrimmed);
        Assert.Equal(V1.Outcome.Near, (await Server.MatchAsync(untrimmed, Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_shadow_list_leaves_the_verdict_alone_and_is_on_record()
    {
        V1.MatchResponse verdict = await Server.MatchAsync(
            DrawnPicture.Draw(MatchingFixture.Shadowed), Cancellation, new V1.MatchOptions { Reference = "quiet" });
        Assert.Equal((V1.Outcome.NoKnownMatch, V1.Action.Allow), (verdict.Outcome, verdict.Action));
        Assert.Empty(verdict.Matches);
        Assert.Contains(verdict.ListVersions, v => v.List == "shadow");
        V1.MatchEvent recorded = await EventAsync(verdict.VerdictId);
        Assert.Equal(
            (true, "quiet", "in the dark", V1.Outcome.NoKnownMatch),
            (recorded.Shadow, recorded.Reference, recorded.Match.ExternalId, recorded.Outcome));
    }

    [Fact]
    public async Task A_match_is_on_record_and_pages_go_on_from_a_cursor()
    {
        V1.MatchResponse first = await Server.MatchAsync(DrawnPicture.Draw(1), Cancellation);
        V1.MatchEvent recorded = await EventAsync(first.VerdictId);
        Assert.Equal((false, V1.Outcome.Near, "drawn-1"), (
            recorded.Shadow, recorded.Outcome, recorded.Match.ExternalId));
        V1.MatchResponse second = await Server.MatchAsync(DrawnPicture.Draw(3), Cancellation);
        await EventAsync(second.VerdictId);
        V1.ListEventsResponse page = await Server.Events.ListEventsAsync(
            new V1.ListEventsRequest { After = recorded.Cursor, PageSize = 1 }, cancellationToken: Cancellation);
        Assert.Single(page.Events);
        Assert.NotEqual(recorded.Cursor, page.Events[0].Cursor);
        Assert.Equal(["page_size"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD", () => Server.Events.ListEventsAsync(
                new V1.ListEventsRequest { PageSize = 1001 }, cancellationToken: Cancellation).ResponseAsync));
        Assert.Equal(["after"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD", () => Server.Events.ListEventsAsync(
                new V1.ListEventsRequest { After = "nowhere" }, cancellationToken: Cancellation).ResponseAsync));
    }

    [Fact]
    public async Task An_upload_in_chunks_gets_the_same_verdict()
    {
        byte[] image = DrawnPicture.Draw(2);
        foreach (int chunk in new[] { 1, 1000, image.Length })
        {
            using var call = Server.Matching.MatchUpload(cancellationToken: Cancellation);
            await call.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Options = new V1.MatchOptions { Reference = "r" } }, Cancellation);
            // Byte by byte only at the start: a message a byte all the way says nothing more.
            int size = chunk == 1 ? 1 : chunk;
            foreach (byte[] part in chunk == 1
                ? image[..50].Chunk(1).Append(image[50..])
                : image.Chunk(size))
            {
                await call.RequestStream.WriteAsync(
                    new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(part) }, Cancellation);
            }

            await call.RequestStream.CompleteAsync();
            V1.MatchResponse verdict = await call;
            Assert.Equal(("drawn-2", "r"), (Assert.Single(verdict.Matches).ExternalId, verdict.Reference));
        }
    }

    [Fact]
    public async Task An_upload_may_leave_its_options_out()
    {
        V1.MatchResponse verdict = await UploadAsync(new V1.MatchUploadRequest
        {
            Chunk = ByteString.CopyFrom(DrawnPicture.Draw(1)),
        });
        Assert.Equal(V1.Outcome.Near, verdict.Outcome);
    }

    [Fact]
    public async Task A_stream_answers_every_tag_once()
    {
        byte[][] pictures = [DrawnPicture.Draw(1), DrawnPicture.Draw(MatchingFixture.Unknown), "junk"u8.ToArray(), []];
        using var call = Server.Matching.MatchStream(cancellationToken: Cancellation);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await call.RequestStream.WriteAsync(
                    new V1.MatchStreamRequest
                    {
                        Tag = (ulong)i,
                        Image = ByteString.CopyFrom(pictures[i % 4]),
                        Options = new V1.MatchOptions { Reference = $"{i}" },
                    },
                    Cancellation);
            }

            await call.RequestStream.CompleteAsync();
        }, Cancellation);
        Dictionary<ulong, V1.MatchStreamResponse> answers = [];
        await foreach (V1.MatchStreamResponse answer in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            answers.Add(answer.Tag, answer);
        }

        await sending;
        Assert.Equal(100, answers.Count);
        Assert.All(answers, answer =>
        {
            switch (answer.Key % 4)
            {
                case 0:
                    Assert.Equal("drawn-1", answer.Value.Response.Matches.Single().ExternalId);
                    break;
                case 1:
                    Assert.Equal(V1.Outcome.NoKnownMatch, answer.Value.Response.Outcome);
                    break;
                case 2:
                    Assert.Equal(
                        V1.UnhashableReason.UnsupportedFormat, answer.Value.Response.UnhashableReason);
                    break;
                default:
                    Assert.Equal(
                        ((int)StatusCode.InvalidArgument, "INVALID_FIELD"),
                        (answer.Value.Error.Code, answer.Value.Error.Reason));
                    break;
            }

            Assert.True(answer.Value.Response is null || answer.Value.Response.Reference == $"{answer.Key}");
        });
    }

    [Fact]
    public async Task Ready_made_hashes_are_answered_in_their_order()
    {
        V1.MatchResponse known = await Server.MatchAsync(DrawnPicture.Draw(1), Cancellation);
        string md5 = Entries.Digest(V1.HashType.Md5, DrawnPicture.Draw(MatchingFixture.Digested[0]), "").Value;
        V1.MatchHashesResponse response = await Server.Matching.MatchHashesAsync(
            new V1.MatchHashesRequest
            {
                Queries =
                {
                    new V1.HashQuery { Pdq = known.Hash },
                    new V1.HashQuery
                    {
                        PdqBytes = ByteString.CopyFrom(Convert.FromHexString(known.Hash)), Quality = 49,
                    },
                    new V1.HashQuery { Md5 = md5 },
                    new V1.HashQuery { Sha256 = new string('1', 64) },
                    new V1.HashQuery { Pdq = Entries.Turn(known.Hash, 40) },
                },
            },
            cancellationToken: Cancellation);
        Assert.Equal(
            [
                V1.Outcome.Near, V1.Outcome.Unhashable, V1.Outcome.Exact, V1.Outcome.NoKnownMatch,
                V1.Outcome.NoKnownMatch,
            ],
            response.Results.Select(result => result.Outcome));
        Assert.Equal(V1.UnhashableReason.LowQuality, response.Results[1].UnhashableReason);
    }

    [Fact]
    public async Task Ten_thousand_hashes_are_answered_and_one_more_is_not()
    {
        var request = new V1.MatchHashesRequest
        {
            Queries = { Enumerable.Range(0, 10_000).Select(i => new V1.HashQuery { Pdq = Entries.RandomPdq(i) }) },
        };
        V1.MatchHashesResponse response = await Server.Matching.MatchHashesAsync(
            request, cancellationToken: Cancellation);
        Assert.Equal(10_000, response.Results.Count);
        Assert.Equal(10_000, response.Results.Select(result => result.VerdictId).Distinct().Count());
        request.Queries.Add(request.Queries[0]);
        Assert.Equal(["queries"], await FailsAsync(request));
        Assert.Equal(["queries"], await FailsAsync(new V1.MatchHashesRequest()));
        Assert.Equal(["queries[1].pdq"], await FailsAsync(new V1.MatchHashesRequest
        {
            Queries = { request.Queries[0], new V1.HashQuery { Pdq = "xyz" } },
        }));

        Task<string[]> FailsAsync(V1.MatchHashesRequest bad) => Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            () => Server.Matching.MatchHashesAsync(bad, cancellationToken: Cancellation).ResponseAsync);
    }

    private Task<V1.MatchEvent> EventAsync(string verdictId) => Record.EventAsync(Server, verdictId, Cancellation);

    private async Task<V1.MatchResponse> UploadAsync(params V1.MatchUploadRequest[] parts)
    {
        using var call = Server.Matching.MatchUpload(cancellationToken: Cancellation);
        return await call.SendAsync(parts, Cancellation);
    }
}
