using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Pdq;
using HashMatch.Uploads;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch hash`: hashes and digests, in this process, without a look-up.</summary>
internal static class HashCommand
{
    private static readonly int[] Widths = [PdqHash.HexLength, 7, 6, 11, 0];

    public static Command Create(Surroundings surroundings)
    {
        var uploads = new UploadArguments();
        var dihedral = new Option<bool>("--dihedral") { Description = "Show all eight rotations and reflections." };
        var asStored = new Option<bool>("--as-stored")
        {
            Description = "Hash the pixels as stored, EXIF orientation not applied, as HMA does.",
        };
        var digests = new Option<bool>("--digests") { Description = "Show MD5, SHA-1 and SHA-256 too." };
        var command = new Command("hash", "Hash images without looking them up; needs neither store nor server.");
        uploads.AddTo(command);
        command.Add(dihedral);
        command.Add(asStored);
        command.Add(digests);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("it hashes in its own process") is { } refused)
            {
                return session.Output.Fail(refused);
            }

            UploadOptions options = uploads.OptionsOf(session, session.Value(dihedral));
            var show = new Shown(session.Value(dihedral), session.Value(asStored), session.Value(digests));
            return await RunAsync(session, session.Value(uploads.Files), options, show, cancellation);
        });
    }

    private static async Task<int> RunAsync(
        Session session, string[] files, UploadOptions options, Shown show, CancellationToken cancellation)
    {
        var limits = new ImageLimits();
        using var workers = new DecodeWorkers(limits);
        var hasher = new UploadHasher(new ImageDecoder(limits, workers));
        int exit = ExitCode.Ok;
        if (!session.Output.Json)
        {
            session.Output.Row(["HASH", "QUALITY", "FORMAT", "PIXELS", "FILE"], Widths);
        }

        await foreach ((string file, (HashedUpload? upload, Failure? failure)) in InOrder.RunAsync(
            files,
            async (file, token) =>
            {
                (byte[]? bytes, Failure? unread) =
                    await InputFile.ReadAsync(file, session.Surroundings, limits.MaxImageBytes, token);
                return (bytes is null ? null : hasher.Hash(bytes, options, token), unread);
            },
            Environment.ProcessorCount,
            cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (upload is null)
            {
                exit = session.Output.Fail(failure!, file);
                continue;
            }

            if (upload.Query.Reason != UnhashableReason.None)
            {
                exit = ExitCode.Error;
            }

            Write(session.Output, file, upload, show);
        }

        return exit;
    }

    private static void Write(ToolOutput output, string file, HashedUpload upload, Shown show)
    {
        DihedralHashes? hashes = show.AsStored ? upload.AsStored : upload.Upright;
        if (output.Json)
        {
            output.DocumentLine(Documents.Of(file, upload, show.AsStored, show.Dihedral));
            return;
        }

        string hash = hashes?[Orientation.Original].ToString()
            ?? $"{Words.Of(Outcome.Unhashable)} {Words.Of(upload.Query.Reason)}";
        string quality = hashes?.Quality.ToString(CultureInfo.InvariantCulture) ?? "-";
        string format = upload.Format == ImageFormat.Unknown ? "-" : upload.Format.ToString().ToLowerInvariant();
        string pixels = upload.Width == 0 ? "-" : $"{upload.Width}x{upload.Height}";
        output.Row([hash, quality, format, pixels, file], Widths);
        WriteOrientations(output, hashes, show);
        foreach (Rendition rendition in upload.Renditions.Skip(1))
        {
            DihedralHashes other = show.AsStored ? rendition.AsStored : rendition.Upright;
            string what = file + Words.Behind(
                rendition.Frame, rendition.Kind == RenditionKind.Whole, Words.Of(rendition.Kind));
            quality = other.Quality.ToString(CultureInfo.InvariantCulture);
            output.Row([other[Orientation.Original].ToString(), quality, format, pixels, what], Widths);
            WriteOrientations(output, other, show);
        }

        if (show.Digests)
        {
            Digests digests = upload.Query.Digests;
            output.Row([Convert.ToHexStringLower(digests.Md5.Span), "MD5"], Widths);
            output.Row([Convert.ToHexStringLower(digests.Sha1.Span), "SHA1"], Widths);
            output.Row([Convert.ToHexStringLower(digests.Sha256.Span), "SHA256"], Widths);
        }
    }

    private static void WriteOrientations(ToolOutput output, DihedralHashes? hashes, Shown show)
    {
        if (show.Dihedral && hashes is { } all)
        {
            foreach (Orientation orientation in Enum.GetValues<Orientation>().Skip(1))
            {
                output.Row([all[orientation].ToString(), Words.Of(orientation)], Widths);
            }
        }
    }

    private readonly record struct Shown(bool Dihedral, bool AsStored, bool Digests);
}
