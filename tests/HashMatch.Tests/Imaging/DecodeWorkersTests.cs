using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class DecodeWorkersTests(WorkersFixture fixture) : IClassFixture<WorkersFixture>
{
    public static TheoryData<string> Names => [.. Encodings.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_worker_answers_what_this_process_would(string name)
    {
        EncodedPicture picture = Encodings.All[name];
        foreach (PdqFidelity fidelity in Enum.GetValues<PdqFidelity>())
        {
            var options = new HashOptions { Fidelity = fidelity };
            ImageHashes worker = fixture.Hash(picture.File, options);
            ImageHashes here = VipsHashes.Hash(
                picture.File, picture.Format, WorkersFixture.Limits, options, Cancellation);
            Assert.True(worker.Status == DecodeStatus.Ok, worker.Detail);
            WorkersFixture.AssertSame(here, worker);
        }
    }
}
