using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>
/// Ports on loopback that nobody has, each handed out once. They are below the range that the system gives to whoever
/// asks for any port, connections too: a server that is down, or not up yet, keeps its.
/// </summary>
internal static class FreePorts
{
    private const int Lowest = 12_000;
    private const int Highest = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Taken = new();

    public static int Take()
    {
        while (true)
        {
            int port = Random.Shared.Next(Lowest, Highest);
            if (!Taken.TryAdd(port, true))
                continue;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another program's.
            }
        }
    }
}
