using System.Globalization;

namespace HashMatch.Load.Overload;

/// <summary>What was to be reached, and was or was not.</summary>
internal sealed class Goals
{
    private readonly List<(string Name, double Figure, double Goal, bool IsLeast)> _goals = [];

    public Goals Add(string name, double figure, double goal, bool isLeast)
    {
        _goals.Add((name, figure, goal, isLeast));
        return this;
    }

    /// <summary>Shows them.</summary>
    /// <returns>Whether all were reached.</returns>
    public bool Write()
    {
        foreach ((string name, double figure, double goal, bool isLeast) in _goals)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-28}{figure,10:0.00}  goal {(isLeast ? ">=" : "<=")} {goal:0.##}  "
                + $"{(IsReached(figure, goal, isLeast) ? "reached" : "MISSED")}"));
        }

        return _goals.TrueForAll(goal => IsReached(goal.Figure, goal.Goal, goal.IsLeast));
    }

    private static bool IsReached(double figure, double goal, bool isLeast) =>
        isLeast ? figure >= goal : figure <= goal;
}
