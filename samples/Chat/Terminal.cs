using System.Runtime.CompilerServices;

namespace Chat;

/// <summary>The lines that somebody types.</summary>
internal static class Terminal
{
    /// <summary>Until the end of the input, or <c>/quit</c>. Waiting for a line takes no thread.</summary>
    public static async IAsyncEnumerable<string> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using StreamReader input = new(Console.OpenStandardInput(), Console.InputEncoding);
        while (await input.ReadLineAsync(cancellationToken) is { } line && line != "/quit")
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }
}
