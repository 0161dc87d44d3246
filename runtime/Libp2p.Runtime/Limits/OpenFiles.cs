using System.Globalization;

namespace Libp2p.Limits;

/// <summary>How many files, and so sockets, the process may have open (<c>RLIMIT_NOFILE</c>).</summary>
internal static class OpenFiles
{
    private const int Unknown = 4096; // where nobody tells: macOS and Windows allow more

    /// <summary>The limit of this process, as it was when it was first asked for.</summary>
    public static int Limit { get; } = Read();

    /// <summary>Connections that a node may have by default: half of the files are left to the application, and 1,024 are enough for a node.</summary>
    public static int DefaultConnections { get; } = ConnectionsFor(Limit);

    public static int ConnectionsFor(int limit) => Math.Clamp(limit / 2, 16, 1024);

    /// <summary>The soft limit in the text of <c>/proc/self/limits</c>.</summary>
    public static int Parse(string limits)
    {
        foreach (string line in limits.Split('\n'))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal))
            {
                string[] words = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return words is ["unlimited", ..] ? int.MaxValue
                    : words is [string soft, ..] && long.TryParse(soft, CultureInfo.InvariantCulture, out long limit) ? (int)Math.Clamp(limit, 0, int.MaxValue)
                    : Unknown;
            }
        }

        return Unknown;
    }

    private static int Read()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Parse(File.ReadAllText("/proc/self/limits")) : Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown; // no /proc
        }
    }
}
