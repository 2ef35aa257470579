namespace HashMatch.Imaging.Jpeg;

/// <summary>Reads a sequential scan (ITU T.81, F.2) straight into rows of luma.</summary>
internal static class SequentialScan
{
    /// <summary>Reads all of the scan.</summary>
    /// <param name="scan">Its header.</param>
    /// <param name="reader">At its first bit.</param>
    /// <param name="components">In the order of the MCU; those with a plane are wanted.</param>
    /// <param name="restartInterval">MCUs between restart markers, or 0.</param>
    /// <param name="rows">Gets the rows.</param>
    /// <param name="cancellation">Looked at before each row of MCUs.</param>
    /// <returns>Null when the picture is whole.</returns>
    public static JpegProblem? Read(
        JpegScan scan,
        ref EntropyReader reader,
        ScanComponent[] components,
        int restartInterval,
        LumaRows rows,
        CancellationToken cancellation)
    {
        ComponentPlane[] planes = [.. components.Where(component => component.Plane is not null)
            .Select(component => component.Plane!)];
        ScanComponent luma = components.First(component => component.Plane is not null);
        int untilRestart = restartInterval > 0 ? restartInterval : int.MaxValue;
        int restarts = 0;
        for (int y = 0; y < scan.McusDown && rows.Count < rows.Height; y++)
        {
            if (cancellation.IsCancellationRequested)
            {
                return JpegProblem.TimedOut;
            }

            for (int x = 0; x < scan.McusAcross; x++)
            {
                if (untilRestart == 0)
                {
                    if (reader.IsOverrun || !reader.TryRestart(restarts & 7))
                    {
                        return JpegProblem.EndsEarly;
                    }

                    foreach (ScanComponent component in components)
                    {
                        component.Prediction = 0;
                    }

                    restarts++;
                    untilRestart = restartInterval;
                }

                untilRestart--;
                if (!reader.Prepare())
                {
                    return JpegProblem.EndsEarly;
                }

                int position = ReadMcu(reader.Window, reader.Position, components, x);
                if (position < 0)
                {
                    return reader.IsAtEnd(~position) ? JpegProblem.EndsEarly : JpegProblem.BrokenCode;
                }

                reader.Position = position;
            }

            if (reader.IsOverrun)
            {
                return JpegProblem.EndsEarly;
            }

            Complete(components, scan.McusAcross);
            rows.Add(planes, luma.V);
        }

        return null;
    }

    private static int ReadMcu(ReadOnlySpan<byte> window, int position, ScanComponent[] components, int x)
    {
        foreach (ScanComponent component in components)
        {
            if (component.Plane is not ComponentPlane plane)
            {
                position = BlockReader.Skip(window, position, component, component.H * component.V);
                if (position < 0)
                {
                    return position;
                }

                continue;
            }

            int end = (x + 1) * component.H;
            for (int v = 0; v < component.V; v++)
            {
                for (int block = end - component.H; block < end; block++)
                {
                    position = BlockReader.Read(
                        window, position, component, plane.Batches, plane.LaneOffset(v, block));
                    if (position < 0)
                    {
                        return position;
                    }

                    plane.Complete(v, block);
                }
            }
        }

        return position;
    }

    private static void Complete(ScanComponent[] components, int mcus)
    {
        foreach (ScanComponent component in components)
        {
            for (int v = 0; component.Plane is not null && v < component.V; v++)
            {
                component.Plane.CompleteRow(v, mcus * component.H);
            }
        }
    }
}
