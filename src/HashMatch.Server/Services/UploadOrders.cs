using Grpc.Core;
using HashMatch.Imaging;
using HashMatch.Pdq;
using HashMatch.Server.Access;
using HashMatch.Server.Admission;

namespace HashMatch.Server.Services;

/// <summary>Tells admission what an upload will take.</summary>
public sealed class UploadOrders(UploadAdmission admission, ImageLimits limits, TimeProvider time)
{
    /// <summary>The order for one upload.</summary>
    /// <param name="image">The file.</param>
    /// <param name="fidelity">How it is decoded.</param>
    /// <param name="context">The call: who makes it, and until when it waits.</param>
    /// <param name="waits">Whether it waits for its turn however long the line is.</param>
    public UploadOrder Of(
        ReadOnlySpan<byte> image, PdqFidelity fidelity, ServerCallContext context, bool waits)
    {
        DecodeWork work = DecodeWork.Of(image, limits, fidelity);
        return new UploadOrder(
            work,
            new WorkOrder(Callers.NameOf(context), admission.Costs.Estimate(work), UploadGate.DeadlineOf(context))
            {
                Waits = waits,
                Promise = waits ? null : UploadGate.PlaceOf(context).Promise,
            },
            admission.Costs,
            time);
    }
}
