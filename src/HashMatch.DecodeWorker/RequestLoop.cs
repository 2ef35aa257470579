using HashMatch.Imaging;
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
            // The deadline is the parent's, who kills: a timer would want more of the system than a decode does.
            ReadOnlyMemory<byte> file = uploads.Read(request, requests);
            return WorkerReply.ToBytes(VipsHashes.Hash(
                file, request.Format, request.Limits, request.Options, CancellationToken.None));
        }
        finally
        {
            uploads.Clear(request);
            StackScrub.Run();
        }
    }
}
