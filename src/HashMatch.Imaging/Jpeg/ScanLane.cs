using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HashMatch.Imaging.Jpeg;

/// <summary>One of the places at which a <see cref="TwinScan"/> reads, and what it has read.</summary>
internal ref struct ScanLane
{
    // Codes that no table holds cost more here than they do in order.
    private const int FreeDetours = 1024;
    private const int BytesEachDetour = 16;

    private readonly ScanMachine _machine;
    private readonly int _firstBit;
    private readonly short[] _store;
    private readonly int _room;
    private int _cleared;
    private int _detours;

    /// <param name="machine">What the codes mean.</param>
    /// <param name="image">The file, up to where to stop.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="window">Which of the machine's to use.</param>
    /// <param name="store">Gets kept coefficients of wanted blocks, each DC as its difference to the last one.</param>
    /// <param name="blocks">Blocks that it can take; three more have room behind them.</param>
    public ScanLane(
        ScanMachine machine, ReadOnlySpan<byte> image, int start, int window, short[] store, int blocks)
    {
        _machine = machine;
        _firstBit = machine.WindowBit(window);
        _store = store;
        _room = blocks * machine.Count;
        State = machine.Start;
        Reader = new EntropyReader(image, start, machine.Window(window), 1);
    }

    /// <summary>Where the bits come from.</summary>
    public EntropyReader Reader;

    /// <summary>Of the machine.</summary>
    public long State { get; private set; }

    /// <summary>Where in the store the next wanted block begins.</summary>
    public int Done { get; private set; }

    /// <summary>Whether it is between two blocks.</summary>
    public readonly bool IsBetween => _machine.IsStart(State);

    /// <summary>Whether <see cref="TryRun"/> would read no more, however often.</summary>
    public readonly bool IsOver => Steps() == 0 && (Reader.IsStopped || Done >= _room);

    /// <summary>Goes back to a bit of the window, to the start of an MCU, and forgets what it has of a block.</summary>
    public void Restart(int position)
    {
        Reader.Position = position;
        State = _machine.Start;
        _store.AsSpan(Done, _cleared - Done).Clear();
    }

    /// <summary>What the store holds from a place on, as far as it is done.</summary>
    public readonly ReadOnlySpan<short> Stored(int from, int to) => _store.AsSpan(from, to - from);

    /// <summary>Forgets the first part of the store.</summary>
    /// <param name="length">At most what is done.</param>
    public void Drop(int length)
    {
        // With the block that is not done yet, and the place behind it.
        int end = Done + _machine.Count + 1;
        _store.AsSpan(length, end - length).CopyTo(_store);
        _store.AsSpan(end - length, length).Clear();
        _cleared = Math.Max(_cleared, end);
        Done -= length;
    }

    /// <summary>Reads to the next block's start.</summary>
    /// <returns>False when the data end before, or are not of their tables, or there is no room.</returns>
    public bool TryBlock()
    {
        if (Done > _room || !Reader.Prepare())
        {
            return false;
        }

        Clear(1);
        do
        {
            if (!TryStep())
            {
                return false;
            }
        }
        while (!IsBetween);
        return true;
    }

    /// <summary>Reads on, as far as the window and the room go.</summary>
    /// <returns>False when the data are not of their tables, or take too many detours.</returns>
    public bool TryRun()
    {
        if (!Reader.Prepare())
        {
            return false;
        }

        int steps = Steps();
        Clear(steps);
        return steps == 0 || Run(ref this, steps) || TryDetour();
    }

    /// <summary>Reads on at two places, as far as both windows and rooms go.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <returns>As <see cref="TryRun"/>.</returns>
    public static bool TryRunBoth(ref ScanLane a, ref ScanLane b)
    {
        if (!a.Reader.Prepare() || !b.Reader.Prepare())
        {
            return false;
        }

        int steps = Math.Min(a.Steps(), b.Steps());
        a.Clear(steps);
        b.Clear(steps);
        return Run(ref a, ref b, steps) switch
        {
            1 => a.TryDetour(),
            2 => b.TryDetour(),
            _ => true,
        };
    }

    // So many, each of the most bits, each the end of a block.
    private readonly int Steps()
    {
        int bits = Reader.Limit(ScanMachine.MaxStepBits) - Reader.Position;
        int blocks = (_room - Done) / _machine.Count;
        return bits < 0 ? 0 : Math.Clamp((bits / ScanMachine.MaxStepBits) + 1, 0, Math.Max(0, blocks));
    }

    // What steps may write to: the blocks that they may end, one more that they begin, and what lies behind.
    private void Clear(int steps)
    {
        int end = Done + ((steps + 1) * _machine.Count);
        if (end > _cleared)
        {
            _store.AsSpan(_cleared, end - _cleared).Clear();
            _cleared = end;
        }
    }

    private bool TryDetour() =>
        ++_detours <= FreeDetours + (Reader.Total / 8 / BytesEachDetour) && TryStep();

    // What one entry says, or one symbol that is in none.
    private bool TryStep()
    {
        ulong word = EntropyReader.Load(Reader.Window, Reader.Position);
        uint entry = _machine.Entries[ScanMachine.TableOf(State) + (int)(word >> (int)State)];
        long state = _machine.Memory[ScanMachine.NumberOf(State) + (int)(entry >> 24)];
        if (state < 0)
        {
            state = _machine.Resolve(State, word, out entry);
            if (state < 0)
            {
                return false;
            }
        }

        Reader.Position += (byte)entry;
        _store[Done + ScanMachine.PlaceOf(state)] = (short)(entry >> 8);
        Done += ScanMachine.DoneOf(state);
        State = state;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Run(ref ScanLane lane, int steps)
    {
        ref long memory = ref MemoryMarshal.GetArrayDataReference(lane._machine.Memory);
        ref short to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(lane._store), lane.Done);
        int position = lane._firstBit + lane.Reader.Position;
        long state = lane.State;
        ulong word = Load(ref memory, position);
        for (; steps > 0; steps--)
        {
            ulong ahead = Load(ref memory, position);
            uint entry = EntryOf(ref memory, state, word);
            long next = Next(ref memory, state, entry);
            if (next < 0)
            {
                next = Lengthen(ref memory, state, ahead, ref entry);
                if (next < 0)
                {
                    break;
                }
            }

            word = ahead << (int)entry;
            position += (byte)entry;
            Unsafe.Add(ref to, (nint)(ushort)(next >> 32)) = (short)(entry >> 8);
            to = ref Unsafe.Add(ref to, (nint)(next >> 48));
            state = next;
        }

        lane.Keep(position, state, ref to);
        return steps == 0;
    }

    // The same for two, whose instructions a processor mixes. No index can leave its array: of a window, since a step
    // begins before its limit; of entries and states, as the machine makes them; of a store, since what steps may write
    // to was cleared. Returns which lane cannot go on: 1, 2 or none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(ref ScanLane a, ref ScanLane b, int steps)
    {
        ref long memory = ref MemoryMarshal.GetArrayDataReference(a._machine.Memory);
        ref short toA = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(a._store), a.Done);
        ref short toB = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(b._store), b.Done);
        int positionA = a._firstBit + a.Reader.Position;
        int positionB = b._firstBit + b.Reader.Position;
        long stateA = a.State;
        long stateB = b.State;
        ulong wordA = Load(ref memory, positionA);
        ulong wordB = Load(ref memory, positionB);
        int stopped = 0;
        for (; steps > 0; steps--)
        {
            // The next word is loaded before it is known where in it the next symbol begins.
            ulong ahead = Load(ref memory, positionA);
            uint entry = EntryOf(ref memory, stateA, wordA);
            long next = Next(ref memory, stateA, entry);
            if (next < 0)
            {
                next = Lengthen(ref memory, stateA, ahead, ref entry);
                if (next < 0)
                {
                    stopped = 1;
                    break;
                }
            }

            wordA = ahead << (int)entry;
            positionA += (byte)entry;
            Unsafe.Add(ref toA, (nint)(ushort)(next >> 32)) = (short)(entry >> 8);
            toA = ref Unsafe.Add(ref toA, (nint)(next >> 48));
            stateA = next;

            ahead = Load(ref memory, positionB);
            entry = EntryOf(ref memory, stateB, wordB);
            next = Next(ref memory, stateB, entry);
            if (next < 0)
            {
                next = Lengthen(ref memory, stateB, ahead, ref entry);
                if (next < 0)
                {
                    stopped = 2;
                    break;
                }
            }

            wordB = ahead << (int)entry;
            positionB += (byte)entry;
            Unsafe.Add(ref toB, (nint)(ushort)(next >> 32)) = (short)(entry >> 8);
            toB = ref Unsafe.Add(ref toB, (nint)(next >> 48));
            stateB = next;
        }

        a.Keep(positionA, stateA, ref toA);
        b.Keep(positionB, stateB, ref toB);
        return stopped;
    }

    private void Keep(int position, long state, ref short to)
    {
        Reader.Position = position - _firstBit;
        State = state;
        Done = (int)(Unsafe.ByteOffset(ref MemoryMarshal.GetArrayDataReference(_store), ref to) / sizeof(short));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref long memory, int position) => BinaryPrimitives.ReverseEndianness(
        Unsafe.ReadUnaligned<ulong>(
            ref Unsafe.Add(ref Unsafe.As<long, byte>(ref memory), (nint)(uint)position >> 3))) << (position & 7);

    // Sums in this order: that which is known first does not wait.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EntryOf(ref long memory, long state, ulong word)
    {
        ref uint table = ref Unsafe.Add(ref Unsafe.As<long, uint>(ref memory), (nint)(ushort)state);
        return Unsafe.Add(ref table, (nint)(word >> (int)state));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Next(ref long memory, long state, uint entry)
    {
        ref long row = ref Unsafe.Add(ref memory, (nint)((uint)state >> 16));
        return Unsafe.Add(ref row, (nint)(entry >> 24));
    }

    // The next state behind a value that is longer than the index; negative where there is none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Lengthen(ref long memory, long state, ulong word, ref uint entry)
    {
        int advance = (int)(entry >> 24) - ScanMachine.LongValue;
        if ((uint)advance > ScanMachine.MaxAdvance)
        {
            return -1;
        }

        int codeBits = (int)(entry >> 8) & 0xFF;
        int size = (byte)entry - codeBits;
        int bits = (int)(word << codeBits >> (64 - size));
        entry = ScanMachine.Entry(advance, HuffmanTable.Extend(bits, size), (byte)entry);
        return Next(ref memory, state, entry);
    }
}
