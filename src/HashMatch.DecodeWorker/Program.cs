using System.Globalization;
using HashMatch.DecodeWorker;
using HashMatch.Imaging.Workers;

// HashMatch.DecodeWorker MAX_BYTES SHARED_MEMORY CAPACITY: started by DecodeWorkers alone. It says hello on its
// standard output once it is confined, and then answers one request after the other.
if (args.Length != 3
    || !long.TryParse(args[0], CultureInfo.InvariantCulture, out long maxBytes)
    || !int.TryParse(args[2], CultureInfo.InvariantCulture, out int capacity))
{
    Console.Error.WriteLine("Started by HashMatch alone.");
    return 2;
}

(Stream requests, Stream replies) = Pipes.Take();
ParentWatch.Start();
using UploadBytes uploads = UploadBytes.Open(args[1], capacity);
WarmUp.Run();
WorkerConfinement confinement = Confinement.Apply(maxBytes);
if (uploads.IsShared)
{
    confinement |= WorkerConfinement.SharedMemory;
}

WorkerFrames.Write(replies, WorkerHello.ToBytes(confinement));
new RequestLoop(requests, replies, uploads).Run();
return 0;
