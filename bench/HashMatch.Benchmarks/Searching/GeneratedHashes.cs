using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Synthetic hashes, made in blocks that need nothing of each other.</summary>
internal sealed class GeneratedHashes : IHashSource
{
    /// <summary>Hashes of a block; of a shot, where they are clustered.</summary>
    public const int BlockRows = 256;

    private const int Series = 4096;
    private const int Planes = 4;

    // Numbers that no block has.
    private const ulong SceneNumbers = 1UL << 62;
    private const ulong SkewNumber = 1UL << 61;

    private readonly DataKind _kind;
    private readonly ulong _seed;
    private readonly ulong[] _skew = new ulong[4 * Planes];
    private readonly ulong[] _alike = new ulong[4];
    private readonly HashValue[] _block = new HashValue[BlockRows];

    public GeneratedHashes(DataKind kind, long count, ulong seed)
    {
        _kind = kind;
        _seed = seed;
        Count = count;
        PlanSkew();
    }

    public string Name => _kind.ToString().ToLowerInvariant();

    public long Count { get; }

    public void Fill(long first, Span<HashValue> hashes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + hashes.Length, Count);
        while (!hashes.IsEmpty)
        {
            int skip = (int)(first % BlockRows);
            int rows = Math.Min(BlockRows - skip, hashes.Length);
            if (rows == BlockRows)
            {
                FillBlock(first / BlockRows, hashes[..rows]);
            }
            else
            {
                FillBlock(first / BlockRows, _block);
                _block.AsSpan(skip, rows).CopyTo(hashes);
            }

            first += rows;
            hashes = hashes[rows..];
        }
    }

    public HashValue Unrelated(ref RandomBits random) => _kind switch
    {
        DataKind.Uniform => random.Uniform(),
        DataKind.Skewed => Skewed(ref random),
        _ => random.Balanced(),
    };

    private void FillBlock(long block, Span<HashValue> hashes)
    {
        var random = new RandomBits(_seed, (ulong)block);
        switch (_kind)
        {
            case DataKind.Clustered when block % 4 != 0:
                Shoot((ulong)block % Series, ref random, hashes);
                break;
            case DataKind.Equal:
                hashes.Fill(new RandomBits(_seed, 0).Balanced());
                break;
            default:
                foreach (ref HashValue hash in hashes)
                {
                    hash = Unrelated(ref random);
                }

                break;
        }
    }

    // A shot of a series: frame by frame two bits change, away from the scene or back, so that it keeps to a distance
    // of the series' own, 2 to 32 bits. Shots of one series are near each other where it is calm.
    private void Shoot(ulong series, ref RandomBits random, Span<HashValue> frames)
    {
        var scenes = new RandomBits(_seed, SceneNumbers + series);
        HashValue scene = scenes.Balanced();
        int reach = 2 + (2 * scenes.Next(16));
        HashValue frame = random.Near(scene, random.Next(reach / 2) * 2);
        foreach (ref HashValue to in frames)
        {
            to = frame;
            int distance = scene.ToPdq().Distance(frame.ToPdq());
            frame = random.Next(2 * reach) >= distance
                ? random.Near(frame, 2)
                : StepBack(frame, scene, ref random);
        }
    }

    // Undoes one bit that is set and one that is cleared against the scene.
    private static HashValue StepBack(HashValue frame, HashValue scene, ref RandomBits random)
    {
        Span<ulong> words = [frame.A, frame.B, frame.C, frame.D];
        ReadOnlySpan<ulong> home = [scene.A, scene.B, scene.C, scene.D];
        foreach (bool set in (ReadOnlySpan<bool>)[true, false])
        {
            int start = random.Next(4);
            for (int i = 0; i < 4; i++)
            {
                int place = (start + i) % 4;
                ulong other = set ? words[place] & ~home[place] : home[place] & ~words[place];
                if (other != 0)
                {
                    words[place] ^= other & (~other + 1);
                    break;
                }
            }
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }

    // How often a bit is set, in sixteenths as planes of bits from the finest: a quarter of the bits strongly skewed,
    // half of them a little.
    private void PlanSkew()
    {
        var random = new RandomBits(_seed, SkewNumber);
        for (int bit = 0; bit < 256; bit++)
        {
            int off = bit < 64 ? random.Next(6) : random.Next(3);
            int sixteenths = (random.Next() & 1) == 0 ? 8 + off : 8 - off;
            for (int plane = 0; plane < Planes; plane++)
            {
                _skew[(4 * plane) + (bit / 64)] |= (ulong)((sixteenths >> plane) & 1) << (bit % 64);
            }
        }

        for (int word = 0; word < 4; word++)
        {
            _alike[word] = random.Next() & random.Next();
        }
    }

    // A coin for each plane, from the finest: set bits of a plane widen what came before, clear ones narrow it.
    private HashValue Skewed(ref RandomBits random)
    {
        Span<ulong> words = stackalloc ulong[4];
        for (int word = 0; word < 4; word++)
        {
            ulong bits = 0;
            for (int plane = 0; plane < Planes; plane++)
            {
                ulong coin = random.Next();
                ulong chance = _skew[(4 * plane) + word];
                bits = (chance & (bits | coin)) | (~chance & bits & coin);
            }

            // One bit in eight takes after its neighbour.
            ulong alike = _alike[word] & random.Next();
            words[word] = (bits & ~alike) | (ulong.RotateLeft(bits, 1) & alike);
        }

        return random.Balance(new HashValue(words[0], words[1], words[2], words[3]));
    }
}
