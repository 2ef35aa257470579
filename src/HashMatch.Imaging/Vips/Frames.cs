namespace HashMatch.Imaging.Vips;

/// <summary>Which frames of an animation are looked at.</summary>
internal static class Frames
{
    /// <summary>
    /// Numbers of frames, ascending, from 0: all of them up to the most that are wanted, otherwise evenly spaced, the
    /// first and the last among them.
    /// </summary>
    /// <param name="count">Frames of the file, 1 or more.</param>
    /// <param name="most">Frames that are wanted, 1 or more.</param>
    public static int[] Spread(int count, int most)
    {
        int[] numbers = new int[Math.Min(count, most)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = numbers.Length == 1 ? 0 : (int)((long)i * (count - 1) / (numbers.Length - 1));
        }

        return numbers;
    }
}
