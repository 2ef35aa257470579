using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class TemporaryFileTests
{
    // libvips's own limit between memory and a file is 100 MB; this is 108 MB of RGB, over 100 MiB.
    private const int Side = 6000;
    private const long LargestFile = 8 * 1024 * 1024;

    // libvips decodes a WebP as a whole, where other formats come row by row.
    [Fact]
    public void A_large_picture_is_never_written_to_a_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are looked up in /proc.");
        using Image black = Image.Black(Side, Side, bands: 3).Copy(interpretation: Enums.Interpretation.Srgb);
        byte[] file = black.WebpsaveBuffer(effort: 0);
        var limits = new ImageLimits { Timeout = TimeSpan.FromMinutes(2) };
        using var stop = new CancellationTokenSource();
        string? found = null;
        var watcher = new Thread(() => found = Watch(stop.Token));
        watcher.Start();
        ImageHashes decoded =
            VipsHashes.Hash(file, ImageFormat.WebP, limits, Hashing.Reference, TestContext.Current.CancellationToken);
        stop.Cancel();
        watcher.Join();
        Assert.Equal(DecodeStatus.Ok, decoded.Status);
        Assert.Null(found);
    }

    // A file that has no name any more and grows is somebody's temporary one.
    private static string? Watch(CancellationToken stop)
    {
        string? found = null;
        while (!stop.IsCancellationRequested)
        {
            foreach (string descriptor in Directory.GetFiles("/proc/self/fd"))
            {
                string? target = new FileInfo(descriptor).LinkTarget;
                if (target is not null && target.EndsWith("(deleted)", StringComparison.Ordinal)
                    && !target.StartsWith("/memfd:", StringComparison.Ordinal) && Length(descriptor) > LargestFile)
                {
                    found = target;
                }
            }

            Thread.Sleep(1);
        }

        return found;
    }

    private static long Length(string descriptor)
    {
        try
        {
            using FileStream file = File.OpenRead(descriptor);
            return file.Length;
        }
        catch (IOException)
        {
            return 0;
        }
        catch (UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
