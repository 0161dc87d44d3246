using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Libp2p.Simulation;

/// <summary>What happened in a simulation, line by line, each with its virtual time. Not thread-safe: one scheduler writes it.</summary>
public sealed class EventLog
{
    private readonly List<string> _lines = [];

    internal EventLog()
    {
    }

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>SHA-256 over the lines, each ended by a line feed, in hexadecimal.</summary>
    public string Digest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string line in _lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Where two logs part, with the line of each; null where they are equal.</summary>
    public string? DifferenceFrom(EventLog other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < Math.Max(_lines.Count, other._lines.Count); i++)
        {
            string mine = i < _lines.Count ? _lines[i] : "(the end)";
            string theirs = i < other._lines.Count ? other._lines[i] : "(the end)";
            if (!string.Equals(mine, theirs, StringComparison.Ordinal))
            {
                return string.Create(CultureInfo.InvariantCulture, $"line {i + 1}: \"{mine}\" here, \"{theirs}\" there");
            }
        }

        return null;
    }

    internal void Add(TimeSpan at, string message) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:F7} {message}"));
}
