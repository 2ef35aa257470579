namespace HashMatch.Server.Admission;

/// <summary>One upload's place; given back when disposed.</summary>
public sealed class AdmissionPlace : IDisposable
{
    private UploadAdmission? _admission;

    internal AdmissionPlace(UploadAdmission admission) => _admission = admission;

    /// <summary>Gives the place back, once.</summary>
    public void Dispose() => Interlocked.Exchange(ref _admission, null)?.Leave();
}
