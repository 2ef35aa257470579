using Grpc.Core;
using HashMatch.Server.Admission;

namespace HashMatch.Load.Scale;

/// <summary>An upload on its way through a replica. It does nothing but take time.</summary>
/// <param name="order">What the line knows of it.</param>
/// <param name="arrived">Seconds since the start.</param>
/// <param name="seconds">What it takes of one core.</param>
/// <param name="ended">Told once.</param>
internal sealed class SimulatedUpload(
    WorkOrder order, double arrived, double seconds, Action<SimulatedUpload, UploadEnd> ended) : QueuedWork(order)
{
    /// <summary>When it came, in seconds since the start.</summary>
    public double Arrived { get; } = arrived;

    /// <summary>What it takes of one core.</summary>
    public double Seconds { get; } = seconds;

    /// <summary>When a core took it, in seconds since the start.</summary>
    public double Started { get; set; }

    /// <summary>It is over.</summary>
    public void End(UploadEnd end) => ended(this, end);

    public override void Run()
    {
    }

    public override void Publish()
    {
    }

    public override void Refuse(RpcException refusal)
    {
    }

    public override void Cancel(CancellationToken cancellation)
    {
    }
}
