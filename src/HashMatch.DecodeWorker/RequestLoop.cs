using HashMatch.Imaging.Vips;
using HashMatch.Imaging.Workers;

namespace HashMatch.DecodeWorker;

/// <summary>Answers requests, until there are no more.</summary>
internal sealed class RequestLoop(Stream requests, Stream replies, UploadBytes uploads)
{
    public void Run()
    {
        while (WorkerFrames.Read(requests) is { } message && WorkerRequest.Parse(message) is { } request)
        {
            byte[] answer = request.Drill == WorkerDrill.None ? Hash(request) : Drills.Run(request.Drill, replies);
            WorkerFrames.Write(replies, answer);
        }
    }

    private byte[] Hash(WorkerRequest request)
    {
        try
        {
            using var deadline = new CancellationTokenSource(request.Limits.Timeout);
            return WorkerReply.ToBytes(VipsHashes.Hash(
                uploads.Read(request, requests), request.Format, request.Limits, request.Options, deadline.Token));
        }
        finally
        {
            uploads.Clear(request);
        }
    }
}
