using HashMatch.Benchmarks.Peers;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>The C++ reference on a picture; it overwrites what it is given, so each hash begins with a copy.</summary>
internal sealed unsafe class CppReference
{
    private float[] _pixels = [];
    private float[] _luma = [];
    private float[] _scratch = [];
    private int _width;
    private int _height;

    /// <summary>Takes a picture; nothing where there is no reference.</summary>
    public void Take(Luma luma)
    {
        if (PeerLibraries.PdqReference is not null)
        {
            (_width, _height) = (luma.Width, luma.Height);
            _pixels = luma.Pixels.ToArray();
            _luma = new float[_pixels.Length];
            _scratch = new float[_pixels.Length];
        }
    }

    public PdqHash Hash()
    {
        _pixels.CopyTo(_luma, 0);
        fixed (float* luma = _luma, scratch = _scratch)
        {
            return PeerLibraries.PdqReference!.Hash(luma, scratch, _width, _height);
        }
    }
}
