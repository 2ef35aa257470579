using HashMatch.Server.Admission;

namespace HashMatch.Load.Scale;

/// <summary>
/// Cores, and before them the service's own line: its order, its estimate of the wait and its limits are the server's
/// code. An upload has one core until it is over.
/// </summary>
/// <param name="agenda">The time that it lives in.</param>
/// <param name="cores">Uploads at the same time.</param>
/// <param name="line">What may wait; null: anything.</param>
/// <param name="typical">Seconds that an upload takes, about.</param>
internal sealed class Replica(Agenda agenda, int cores, LineLimits? line, double typical)
{
    private readonly HashSet<SimulatedUpload> _inHand = [];
    private readonly TimeSpan _typical = TimeSpan.FromSeconds(typical);
    private DecodeQueue _queue = NewQueue(cores, line);
    private int _lives;
    private int _taken;

    /// <summary>Uploads that wait or are being done.</summary>
    public int InHand => _inHand.Count;

    /// <summary>Whether it answers nobody.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Whether the load balancer sends uploads here.</summary>
    public bool IsListed { get; set; } = true;

    /// <summary>Seconds that its cores worked for uploads, all together.</summary>
    public double BusySeconds { get; private set; }

    private TimeSpan Time => TimeSpan.FromSeconds(agenda.Now);

    /// <summary>An upload comes. It is told its end, perhaps at once.</summary>
    public void Offer(SimulatedUpload upload)
    {
        if (IsDown)
        {
            upload.End(UploadEnd.Failed);
            return;
        }

        if (line is not null
            && (_inHand.Count >= line.MaxWaiting + cores
                || _queue.Judge(upload.Order, Time, _typical) != QueueRefusal.None))
        {
            upload.End(UploadEnd.Shed);
            return;
        }

        _inHand.Add(upload);
        _queue.Join(upload);
        Start();
    }

    /// <summary>A core has other work for a while, or has done with it. What it does now it ends first.</summary>
    /// <param name="count">1 to take a core, -1 to give it back.</param>
    public void Take(int count)
    {
        _taken += count;
        Start();
    }

    /// <summary>The process is gone, with all that it had in hand.</summary>
    public void Fail()
    {
        IsDown = true;
        _lives++;
        _queue = NewQueue(cores, line);
        SimulatedUpload[] lost = [.. _inHand];
        _inHand.Clear();
        foreach (SimulatedUpload upload in lost)
        {
            upload.End(UploadEnd.Failed);
        }
    }

    /// <summary>It is ready, and the load balancer knows.</summary>
    public void Recover()
    {
        IsDown = false;
        IsListed = true;
    }

    private static DecodeQueue NewQueue(int cores, LineLimits? line) =>
        new(cores, line?.MaxDelay ?? TimeSpan.FromDays(1));

    private void Start()
    {
        while (_queue.Running < cores - _taken && _queue.Next(Time) is SimulatedUpload upload)
        {
            upload.Started = agenda.Now;
            int life = _lives;
            agenda.After(upload.Seconds, () =>
            {
                if (life == _lives)
                {
                    BusySeconds += upload.Seconds;
                    _queue.End(upload);
                    _inHand.Remove(upload);
                    upload.End(UploadEnd.Answered);
                    Start();
                }
            });
        }
    }
}
