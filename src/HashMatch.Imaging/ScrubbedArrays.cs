using System.Numerics;
using System.Runtime.CompilerServices;

namespace HashMatch.Imaging;

/// <summary>
/// Arrays that hold bytes or pixels of an upload: pinned, since a collector that moves an array leaves its old bytes
/// behind, and zeroed when they are given back. A few of each size are kept. Safe for concurrent use.
/// </summary>
/// <typeparam name="T">A number.</typeparam>
internal static class ScrubbedArrays<T>
    where T : unmanaged, INumber<T>
{
    private const int MinLength = 64;
    private const int Sizes = 31;
    private const int MaxKeptBytes = 16 * 1024 * 1024;

    private static readonly int Slots = 4 * Environment.ProcessorCount;
    private static readonly T[]?[] Kept = new T[]?[Sizes * Slots];

    /// <summary>An array of at least a length; its content is not said.</summary>
    public static T[] Rent(int length)
    {
        int size = SizeOf(length);
        Span<T[]?> slots = Kept.AsSpan(size * Slots, Slots);
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < slots.Length; i++)
        {
            ref T[]? slot = ref slots[(int)((uint)(first + i) % (uint)Slots)];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } kept)
            {
                return kept;
            }
        }

        return GC.AllocateUninitializedArray<T>(
            size == Sizes - 1 ? length : MinLength << size, pinned: true);
    }

    /// <summary>Zeroes an array that was rented and takes it back.</summary>
    public static void Return(T[] array)
    {
        array.AsSpan().Clear();
        int size = SizeOf(array.Length);
        if (size == Sizes - 1 || array.Length < MinLength || (long)array.Length * Unsafe.SizeOf<T>() > MaxKeptBytes)
        {
            return;
        }

        Span<T[]?> slots = Kept.AsSpan(size * Slots, Slots);
        int first = Thread.GetCurrentProcessorId();
        for (int i = 0; i < slots.Length; i++)
        {
            ref T[]? slot = ref slots[(int)((uint)(first + i) % (uint)Slots)];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, array, null) is null)
            {
                return;
            }
        }
    }

    // Powers of two; the last size is what is too long for them.
    private static int SizeOf(int length) => length > 1 << 29
        ? Sizes - 1
        : Math.Max(0, BitOperations.Log2((uint)Math.Max(1, length - 1)) + 1 - BitOperations.Log2(MinLength));
}
