using System.Runtime.InteropServices;
using HashMatch.Benchmarks.Imaging;
using HashMatch.Benchmarks.Pdq;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Luma to hash against the C++ reference.</summary>
internal sealed unsafe class PdqPairs(ReferenceLibrary? reference, int rounds)
{
    private const string NoReference = "no reference library";

    public void Run()
    {
        PairedTable.Head("Luma to hash, one thread (ratio: the peer's time / ours)");
        foreach ((string size, string exactGoal, string fastGoal) in (ReadOnlySpan<(string, string, string)>)
            [("512x512", ">= 6x", ">= 15x"), ("1024x768", "", ""), ("4000x3000", ">= 15x", ">= 60x")])
        {
            using Luma luma = Picture(size);
            Compare(luma, size, PdqFidelity.Reference, exactGoal);
            Compare(luma, size, PdqFidelity.Fast, fastGoal);
        }

        foreach (string size in (string[])["512x512", "4000x3000"])
        {
            using Luma luma = Picture(size);
            AllEight(luma, size, PdqFidelity.Reference);
            AllEight(luma, size, PdqFidelity.Fast);
        }

        Block();
        Allocation();
    }

    private static Luma Picture(string size)
    {
        Luma luma = Pictures.Noise(size);
        LumaConversion.FromRgb(NoisePictures.Rgb(luma.Width, luma.Height, 1), luma.Pixels);
        return luma;
    }

    private void Compare(Luma luma, string size, PdqFidelity fidelity, string goal)
    {
        string what = $"{fidelity} {size}";
        if (reference is null)
        {
            PairedTable.Skip(what, "C++ reference", goal, NoReference);
            return;
        }

        nuint bytes = (nuint)luma.Pixels.Length * sizeof(float);
        float* work = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        float* scratch = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        try
        {
            PdqHash theirs = default;
            PdqHash ours = default;
            PairedResult result = PairedRun.Measure(
                new Contender(() => ours = PdqHasher.Hash(luma, fidelity).Hash),
                new Contender(
                    () => theirs = reference.Hash(work, scratch, luma.Width, luma.Height),
                    () => luma.Pixels.CopyTo(new Span<float>(work, luma.Pixels.Length))),
                rounds);
            PairedTable.Row(what, "C++ reference", goal, result, $"{ours.Distance(theirs)} bits");
        }
        finally
        {
            NativeMemory.AlignedFree(work);
            NativeMemory.AlignedFree(scratch);
        }
    }

    // One hash is the contender, so that the ratio is how many of it all eight cost.
    private void AllEight(Luma luma, string size, PdqFidelity fidelity)
    {
        PairedResult result = PairedRun.Measure(
            new Contender(() => PdqHasher.Hash(luma, fidelity)),
            new Contender(() => PdqHasher.HashDihedral(luma, fidelity)),
            rounds);
        PairedTable.Row($"one hash, {fidelity} {size}", "all eight of it", "<= 1.25x", result);
    }

    private void Block()
    {
        float[] block = new float[64 * 64];
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = (i * 7919) % 256;
        }

        float[] coefficients = new float[256];
        var run = new Contender(() =>
        {
            fixed (float* from = block, to = coefficients)
            {
                Dct64To16.Transform(from, to, VectorWidths.Widest);
                CoefficientBits.Hash(to, VectorWidths.Widest);
            }
        });
        PairedResult result = PairedRun.Measure(run, run, rounds);
        PairedTable.Figure(
            "DCT, median and bits",
            "< 3 us",
            $"{PairedTable.Number(result.OursMicroseconds)} us, at best {PairedTable.Number(result.OursLeast)} us");
    }

    private static void Allocation()
    {
        const int hashes = 200;
        using Luma luma = Pictures.Noise("512x512");
        foreach (PdqFidelity fidelity in Enum.GetValues<PdqFidelity>())
        {
            _ = PdqHasher.HashDihedral(luma, fidelity);
            _ = PdqHasher.Hash(luma, fidelity);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < hashes; i++)
            {
                _ = PdqHasher.Hash(luma, fidelity);
                _ = PdqHasher.HashDihedral(luma, fidelity);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            PairedTable.Figure(
                $"allocated by a hash, {fidelity}", "0 bytes", $"{allocated / (2.0 * hashes)} bytes");
        }
    }
}
