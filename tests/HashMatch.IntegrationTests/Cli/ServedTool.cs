using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`hashmatch serve` over a test's store, ready when it is handed out.</summary>
internal sealed class ServedTool : IDisposable
{
    private readonly Queue<string> _said = new();

    private ServedTool(Process process, string address)
    {
        Process = process;
        Address = address;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

    /// <summary>Where gRPC is served.</summary>
    public string Address { get; }

    /// <summary>What the server printed last, for the message of a failure.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    public static async Task<ServedTool> StartAsync(ToolProcess tool, CancellationToken cancellation)
    {
        string address = FreeAddress();
        var served = new ServedTool(
            tool.Start("serve", "--open", "--listen", address, "--listen-json", FreeAddress()), address);
        using GrpcChannel channel = GrpcChannel.ForAddress(address);
        var health = new Health.HealthClient(channel);
        await Eventually.TrueAsync(
            async () =>
            {
                Xunit.Assert.False(served.Process.HasExited, served.Said);
                return await ServesAsync(health);
            },
            "the server serves",
            cancellation);
        return served;
    }

    /// <summary>An address on loopback that nobody listens on.</summary>
    public static string FreeAddress() =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Take()}");

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
        }

        Process.Dispose();
    }

    private static async Task<bool> ServesAsync(Health.HealthClient health)
    {
        try
        {
            HealthCheckResponse response = await health.CheckAsync(new HealthCheckRequest());
            return response.Status == HealthCheckResponse.Types.ServingStatus.Serving;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > 50)
            {
                _said.Dequeue();
            }
        }
    }
}
