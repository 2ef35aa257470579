using HashMatch.Pdq;

namespace HashMatch.Gate.Cases;

/// <summary>A luma of 512x512 to its hash.</summary>
internal sealed class PdqCase : GateCase, IDisposable
{
    private const int Side = 512;

    private readonly PdqFidelity _fidelity;
    private readonly Luma _luma = Luma.Allocate(Side, Side);

    public PdqCase(PdqFidelity fidelity)
    {
        _fidelity = fidelity;
        Random random = new(1);
        foreach (ref float pixel in _luma.Pixels)
        {
            pixel = random.Next(256);
        }
    }

    public override void Run()
    {
        if (PdqHasher.Hash(_luma, _fidelity).Quality == 0)
        {
            throw new InvalidOperationException("Noise has a quality.");
        }
    }

    public void Dispose() => _luma.Dispose();
}
