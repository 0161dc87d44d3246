using System.Threading.Channels;

namespace Chat;

/// <summary>The lines that somebody types.</summary>
internal static class Terminal
{
    /// <summary>Until the end of the input, or <c>/quit</c>. Once in a process.</summary>
    public static IAsyncEnumerable<string> LinesAsync(CancellationToken cancellationToken = default)
    {
        Channel<string> lines = Channel.CreateUnbounded<string>(); // nobody but the one at the keyboard can fill it
        new Thread(() => Read(lines.Writer)) { IsBackground = true }.Start(); // a read from a terminal cannot be cancelled, but left behind
        return lines.Reader.ReadAllAsync(cancellationToken);
    }

    private static void Read(ChannelWriter<string> lines)
    {
        while (Console.ReadLine() is { } line && line != "/quit")
        {
            if (line.Length > 0)
            {
                lines.TryWrite(line);
            }
        }

        lines.Complete();
    }
}
