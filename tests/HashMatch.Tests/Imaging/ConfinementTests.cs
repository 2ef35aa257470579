using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HashMatch.Imaging.Workers;
using Xunit;
using Machine = System.Runtime.InteropServices.Architecture;

namespace HashMatch.Tests.Imaging;

public sealed class ConfinementTests(WorkersFixture fixture) : IClassFixture<WorkersFixture>
{
    private const int NotPermitted = 1;
    private const int NoSuchCall = 38;

    // In the order of the worker's drill.
    private static readonly (string Attempt, int Error)[] Attempts =
    [
        ("open a file for writing", NotPermitted),
        ("open a file for reading", NotPermitted),
        ("make an internet socket", NotPermitted),
        ("make a local socket", NotPermitted),
        ("run a program", NotPermitted),
        ("fork", NotPermitted),
        ("fork by clone3", NoSuchCall),
        ("signal its parent", NotPermitted),
        ("signal a thread of its parent", NotPermitted),
        ("trace its parent", NotPermitted),
        ("read its parent's memory", NotPermitted),
        ("remove a file", NotPermitted),
        ("make a folder", NotPermitted),
        ("make memory with a name", NotPermitted),
        ("set up an io_uring", NotPermitted),
        ("load a BPF program", NotPermitted),
        ("become root", NotPermitted),
        ("make itself dumpable", NotPermitted),
    ];

    [Fact]
    public void A_confined_worker_is_refused_all_but_decoding()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Workers are confined on Linux.");
        byte[]? answer = fixture.Workers.Drill(WorkerDrill.Probe, TestContext.Current.CancellationToken);
        Assert.Equal(4 * Attempts.Length, answer?.Length);
        Assert.All(Attempts.Index(), attempt => Assert.Equal(
            attempt.Item,
            (attempt.Item.Attempt, BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(4 * attempt.Index)))));
        Assert.False(File.Exists("/tmp/hashmatch-probe"));
    }

    [Fact]
    public void A_worker_says_what_is_in_force()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && RuntimeInformation.ProcessArchitecture is Machine.X64 or Machine.Arm64,
            "Workers are wholly confined on 64-bit Linux.");
        Assert.True(fixture.Workers.Warm(1), fixture.Workers.Problem);
        Assert.Equal(WorkerConfinement.All, fixture.Workers.Confinement);
    }
}
