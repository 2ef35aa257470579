using System.Text;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Snapshots;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>Whatever is done to a log without the key is found, and the right record is named.</summary>
public sealed class AuditVerifierTests(ITestOutputHelper output)
{
    private const int Rounds = 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_log_that_was_left_alone_is_whole() => Each((chain, _, _) =>
    {
        AuditReport report = chain.Verify();
        Assert.Empty(report.Faults);
        Assert.Equal((chain.Records.Count, chain.Records.Count), (report.Records, report.SignedUpTo));
    });

    [Fact]
    public void A_flipped_bit_of_a_record_is_found_and_the_record_named() => Each((chain, random, number) =>
    {
        chain.Records[number - 1] = chain.Flip(chain.Records[number - 1]);
        NamesAlone(chain.Verify(), number);
        NamesAlone(chain.Verify(trust: false), number);
    });

    [Fact]
    public void A_deleted_record_is_named() => Each((chain, _, number) =>
    {
        chain.Records.RemoveAt(number - 1);
        NamesAlone(chain.Verify(), number);
    });

    [Fact]
    public void A_record_that_was_moved_is_named() => Each((chain, random, number) =>
    {
        int other = 1 + random.Next(chain.Records.Count - 1);
        other += other >= number ? 1 : 0;
        (chain.Records[number - 1], chain.Records[other - 1]) = (chain.Records[other - 1], chain.Records[number - 1]);
        AuditReport report = chain.Verify();
        Names(report, Math.Min(number, other));
    });

    [Fact]
    public void A_record_that_stands_twice_is_named() => Each((chain, random, number) =>
    {
        chain.Records.Insert(random.Next(number, chain.Records.Count + 1), chain.Records[number - 1]);
        Names(chain.Verify(), number);
    });

    [Fact]
    public void Records_that_are_cut_off_are_named_by_the_head() => Each((chain, _, number) =>
    {
        int all = chain.Records.Count;
        chain.Records.RemoveRange(number - 1, all - number + 1);
        AuditReport report = chain.Verify();
        Names(report, number);
        Names(report, all);
    });

    [Fact]
    public void Records_that_are_cut_off_with_the_head_set_back_are_named_by_a_checkpoint() =>
        Each((chain, random, number) =>
        {
            int all = chain.Records.Count;
            if (number == all)
            {
                return;
            }

            chain.CutBack(number);
            Names(chain.Verify(), number + 1);
            Names(chain.Verify(trust: false), all);
        });

    [Fact]
    public void A_forged_record_with_all_hashes_made_good_again_is_found_between_two_checkpoints() =>
        Each((chain, _, number) =>
        {
            chain.Forge(number);
            Names(chain.Verify(), number);
            Names(chain.Verify(trust: false), number);
        });

    [Fact]
    public void A_forger_with_a_key_of_his_own_is_found_where_the_key_is_known() => Each((chain, _, number) =>
    {
        using SigningKey other = SigningKey.Create();
        chain.Forge(number);
        chain.SignAnew(other);
        Assert.Empty(chain.Verify(trust: false).Faults);
        Assert.NotEmpty(chain.Verify().Faults);
        Assert.All(chain.Verify().Faults, fault => Assert.Contains("trusted", fault.What, StringComparison.Ordinal));
    });

    [Fact]
    public void A_checkpoint_that_was_changed_deleted_or_moved_is_found() => Each((chain, random, _) =>
    {
        int place = random.Next(chain.Checkpoints.Count - 1);
        byte[] line = chain.Checkpoints[place];
        chain.Checkpoints[place] = chain.Flip(line);
        Assert.NotEmpty(chain.Verify().Faults);
        chain.Checkpoints.RemoveAt(place);
        Assert.NotEmpty(chain.Verify().Faults);
        chain.Checkpoints.Insert(place + 1, line);
        Assert.NotEmpty(chain.Verify().Faults);
        chain.Checkpoints.Clear();
        Assert.NotEmpty(chain.Verify().Faults);
    });

    [Fact]
    public void Behind_the_last_checkpoint_only_one_that_was_kept_elsewhere_finds_a_log_that_was_cut_back() =>
        Each((chain, random, number) =>
        {
            int all = chain.Records.Count;
            byte[] kept = chain.Checkpoints[^1];
            if (number == all)
            {
                return;
            }

            // All that the attacker has to do: the records, the head, and the checkpoints behind the cut.
            chain.CutBack(number);
            chain.Checkpoints.RemoveAll(line => AuditCheckpoint.Decode(line)!.Sequence > number);
            if (chain.Checkpoints.Count > 0)
            {
                Assert.Empty(chain.Verify().Faults);
            }

            Names(chain.Verify(trust: true, kept), number + 1);
            Names(chain.Verify(trust: false, kept), all);
        });

    [Fact]
    public async Task Of_an_exported_file_any_flipped_bit_is_found()
    {
        Random random = Seeded();
        using AuditChain chain = new(random, 25, 10, 25);
        byte[] file = chain.File();
        Assert.Empty((await VerifyAsync(file, chain)).Faults);
        for (int i = 0; i < 2000; i++)
        {
            byte[] flipped = chain.Flip(file);
            AuditReport report = await VerifyAsync(flipped, chain);
            Assert.True(report.FaultCount > 0, $"byte {file.AsSpan().CommonPrefixLength(flipped)}");
            Names(report, NumberAt(file, file.AsSpan().CommonPrefixLength(flipped)));
        }
    }

    [Fact]
    public async Task Of_an_exported_file_any_cut_and_any_line_deleted_or_moved_is_found()
    {
        Random random = Seeded();
        using AuditChain chain = new(random, 25, 10, 25);
        byte[] file = chain.File();
        for (int length = 0; length < file.Length; length += 1 + random.Next(40))
        {
            Assert.NotEmpty((await VerifyAsync(file[..length], chain)).Faults);
        }

        string[] lines = Encoding.ASCII.GetString(file).Split('\n')[..^1];
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.NotEmpty((await VerifyAsync([.. lines.Where((_, place) => place != i)], chain)).Faults);
            string[] moved = [.. lines];
            int other = (i + 1 + random.Next(lines.Length - 1)) % lines.Length;
            (moved[i], moved[other]) = (moved[other], moved[i]);
            Assert.NotEmpty((await VerifyAsync(moved, chain)).Faults);
            Assert.NotEmpty((await VerifyAsync([.. lines[..(i + 1)], lines[i], .. lines[(i + 1)..]], chain)).Faults);
        }
    }

    [Fact]
    public async Task A_file_of_something_else_is_named_as_such_and_takes_no_memory()
    {
        using AuditChain chain = new(Seeded(), 3, 3);
        byte[] zeros = new byte[10_000_000];
        Assert.True((await VerifyAsync(zeros, chain)).FaultCount > 0);
        Assert.True((await VerifyAsync(Array.Empty<byte>(), chain)).FaultCount > 0);
        Assert.InRange((await VerifyAsync(zeros, chain)).Faults.Count, 1, AuditVerifier.MaxFaults);
    }

    private static Task<AuditReport> VerifyAsync(string[] lines, AuditChain chain) =>
        VerifyAsync(Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"), chain);

    private static async Task<AuditReport> VerifyAsync(byte[] file, AuditChain chain)
    {
        using MemoryStream stream = new(file);
        return await AuditFile.VerifyAsync(stream, [chain.Key.Public], [], Token);
    }

    // The record that a byte of the file is of; 0 for the first line and the two checkpoints.
    private static int NumberAt(byte[] file, int place) =>
        Math.Max(file.AsSpan(0, place).Count((byte)'\n') - 2, 0);

    private static void Names(AuditReport report, int number)
    {
        Assert.NotEqual(0, report.FaultCount);
        Assert.True(
            number == 0 || report.Faults.Any(fault => fault.First <= number && number <= fault.Last),
            $"record {number}: {string.Join(" | ", report.Faults.Select(fault => fault.What))}");
    }

    private static void NamesAlone(AuditReport report, int number)
    {
        Names(report, number);
        Assert.All(report.Faults, fault => Assert.Equal((number, number), (fault.First, fault.Last)));
    }

    private void Each(Action<AuditChain, Random, int> check)
    {
        Random random = Seeded();
        for (int round = 0; round < Rounds; round++)
        {
            int records = random.Next(8, 40);
            using AuditChain chain = new(random, records, random.Next(2, 4), random.Next(4, records), records);
            check(chain, random, 1 + random.Next(records));
        }
    }

    private Random Seeded()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }
}
