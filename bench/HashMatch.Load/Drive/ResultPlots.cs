using System.Globalization;
using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace HashMatch.Load.Drive;

/// <summary>Results as pictures, SVG: throughput over size, and latency over load for each case.</summary>
internal static class ResultPlots
{
    private const double Width = 820;
    private const double Height = 440;

    // Its widths are known without the font; programs that show the picture have one of them.
    private const string Font = "Arial";
    private const string Fonts = "Arial, Liberation Sans, Helvetica, sans-serif";

    private static readonly MarkerType[] Markers =
    [
        MarkerType.Circle, MarkerType.Square, MarkerType.Triangle, MarkerType.Diamond,
    ];

    private static readonly OxyColor[] Colours =
    [
        OxyColor.FromRgb(0x1f, 0x5f, 0xa8), OxyColor.FromRgb(0xc2, 0x4d, 0x1a),
    ];

    /// <summary>Those that there are two points or more for.</summary>
    /// <returns>File names and SVG.</returns>
    public static IEnumerable<(string Name, string Svg)> Of(DriveResults results)
    {
        LoadFigures[] sized = [.. results.Figures.Where(each => each.Load is null && each.Pixels is not null)];
        if (sized.Select(each => each.Pixels).Distinct().Count() > 1)
        {
            yield return ("throughput.svg", Svg(Throughput(results, sized)));
        }

        foreach (IGrouping<string, LoadFigures> load in results.Figures
            .Where(each => each.Load is not null).GroupBy(each => each.Case))
        {
            if (load.Select(each => each.Load).Distinct().Count() > 1)
            {
                string name = load.Key.Replace(':', '-').Replace(',', '_');
                yield return ($"latency-{name}.svg", Svg(Latency(results, load)));
            }
        }
    }

    private static PlotModel Throughput(DriveResults results, LoadFigures[] sized)
    {
        PlotModel model = Model("Throughput over size, closed loop", "megapixels", "uploads a second");
        string[] formats = [.. sized.Select(FormatOf).Distinct()];
        foreach (IGrouping<(string Target, string Format), LoadFigures> line in sized
            .GroupBy(each => (each.Target, FormatOf(each))))
        {
            var series = new LineSeries
            {
                Title = Title(results, line.Key.Target, line.Key.Format),
                Color = ColourOf(line.Key.Target),
                MarkerFill = ColourOf(line.Key.Target),
                MarkerType = Markers[Array.IndexOf(formats, line.Key.Format) % Markers.Length],
                MarkerSize = 4,
            };
            series.Points.AddRange(line.OrderBy(each => each.Pixels)
                .Select(each => new DataPoint(each.Pixels!.Value / 1e6, each.PerSecond)));
            model.Series.Add(series);
        }

        return model;
    }

    private static PlotModel Latency(DriveResults results, IGrouping<string, LoadFigures> load)
    {
        PlotModel model = Model($"Latency over load, open loop: {load.Key}", "calls a second offered", "milliseconds");
        foreach (IGrouping<string, LoadFigures> target in load.GroupBy(each => each.Target))
        {
            foreach ((string name, LineStyle style, Func<LatencyFigures, double> figure) in
                (ReadOnlySpan<(string, LineStyle, Func<LatencyFigures, double>)>)
                [
                    ("p50", LineStyle.Dot, latency => latency.P50), ("p99", LineStyle.Solid, latency => latency.P99),
                    ("p99.9", LineStyle.Dash, latency => latency.P999),
                ])
            {
                var series = new LineSeries
                {
                    Title = Title(results, target.Key, name),
                    Color = ColourOf(target.Key),
                    MarkerFill = ColourOf(target.Key),
                    LineStyle = style,
                    MarkerType = MarkerType.Circle,
                    MarkerSize = 3,
                };
                series.Points.AddRange(target.OrderBy(each => each.Load)
                    .Select(each => new DataPoint(each.OfferedPerSecond!.Value, figure(each.Latency))));
                model.Series.Add(series);
            }
        }

        return model;
    }

    private static PlotModel Model(string title, string x, string y)
    {
        var model = new PlotModel
        {
            Title = title,
            DefaultFont = Font,
            TitleFontSize = 15,
            TitlePadding = 10,
            TitleFontWeight = FontWeights.Normal,
            Background = OxyColors.White,
            Culture = CultureInfo.InvariantCulture,
            PlotAreaBorderColor = OxyColors.LightGray,
        };
        bool isSize = x == "megapixels";
        model.Axes.Add(isSize ? Logarithmic(AxisPosition.Bottom, x) : Linear(AxisPosition.Bottom, x));
        model.Axes.Add(Logarithmic(AxisPosition.Left, y));
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.RightTop,
            LegendLineSpacing = 6,
            // Whoever shows it with a wider font has room for it: what is beyond the legend is cut off.
            LegendPadding = 20,
        });
        return model;
    }

    private static LogarithmicAxis Logarithmic(AxisPosition position, string title) => new()
    {
        Position = position,
        Title = title,
        AxisTitleDistance = 10,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColor.FromRgb(0xe4, 0xe4, 0xe4),
        MinorGridlineStyle = LineStyle.Solid,
        MinorGridlineColor = OxyColor.FromRgb(0xf3, 0xf3, 0xf3),
        MinimumPadding = 0.08,
        MaximumPadding = 0.12,
    };

    private static LinearAxis Linear(AxisPosition position, string title) => new()
    {
        Position = position,
        Title = title,
        AxisTitleDistance = 10,
        Minimum = 0,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColor.FromRgb(0xe4, 0xe4, 0xe4),
        MaximumPadding = 0.06,
    };

    private static string FormatOf(LoadFigures figures) => figures.Case.Split(':')[1];

    private static OxyColor ColourOf(string target) => Colours[target == "A" ? 0 : 1];

    private static string Title(DriveResults results, string target, string what) =>
        results.Settings.B is null ? what : $"{target} {what}";

    private static string Svg(PlotModel model)
    {
        using var stream = new MemoryStream();
        new SvgExporter { Width = Width, Height = Height }.Export(model, stream);
        return Encoding.UTF8.GetString(stream.ToArray())
            .Replace($"font-family=\"{Font}\"", $"font-family=\"{Fonts}\"", StringComparison.Ordinal);
    }
}
