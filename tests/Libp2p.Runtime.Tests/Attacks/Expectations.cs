namespace Libp2p.Tests.Attacks;

/// <summary>
/// What each attack on each shape comes to. The columns are shapes (docs/declarations.md): m merged, o opened, r with a result, q with a
/// result and opened, - without a request, ' with a first message, + after a first message or exchange, id several operations on an id,
/// en in an envelope, k a stream per peer, re one stream for many exchanges.
/// </summary>
internal static class Expectations
{
    /// <summary>What the letters say. A small one: there is no such cell, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> Letters = new Dictionary<string, string>
    {
        ["+"] = "nothing fails, and the remote sees no code",
        ["V"] = "ProtocolViolationException, and the remote sees its code",
        ["C"] = "ProtocolViolationException; where both directions had ended in order before, no code can travel",
        ["D"] = "DeadlineExceededException at the operation's time, and the remote sees a reset without a code",
        ["G"] = "the stream is opened again, broken each time with the code of a violation, and given up with StreamResetException",
        ["n"] = "no message is received here",
        ["s"] = "nothing is sent here, so nothing can be left unread",
        ["r"] = "bytes are the handler's or the caller's own: nothing is framed, decoded or counted",
        ["m"] = "no frames are merged here",
        ["i"] = "one operation on its id: nothing tells kinds apart",
        ["d"] = "another message is due here, so it is no attack",
        ["o"] = "the time of an opened stream of bytes is its caller's: the operation's ends with the opening",
        ["u"] = "each message is served, for as long as they come in time: that was declared",
        ["k"] = "a kept stream that breaks late is opened again for as long as its caller likes",
    };

    /// <summary>The victim serves.</summary>
    public const string OfTheResponder = """
                                      1   1?  2   2m  3   3m  4   4-  5   5r  6   7   7'  7+  8   8'  8+  id  en  5k  6k  re  r+
        a message of the limit        +   +   +   +   n   n   +   n   +   +   +   +   +   +   r   +   r   +   +   +   +   +   +
        a byte more                   V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        as many elements as may be    +   +   +   +   n   n   +   n   +   +   +   +   +   +   r   +   r   +   +   +   +   +   +
        an element more               V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        half a million submessages    V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        as many frames as may be      m   m   m   +   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m
        a frame more                  m   m   m   V   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m
        truncated                     V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        garbage                       V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        a prefix without end          V   V   V   V   n   n   V   n   V   V   V   V   V   V   r   V   r   V   V   V   V   V   V
        a message without end         D   D   D   D   n   n   D   n   D   D   D   D   D   D   D   D   D   D   D   D   D   D   D
        byte after byte               +   +   +   +   n   n   +   n   +   +   +   +   +   +   +   +   +   +   +   +   +   +   +
        an empty frame                +   +   +   +   n   n   +   n   +   +   +   +   +   +   r   +   r   V   V   +   +   +   +
        empty frames without end      +   +   +   V   n   n   +   n   D   D   D   D   D   D   D   D   D   V   V   u   u   u   u
        an unknown kind               i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   V   V   i   i   i   i
        what is not due               +   +   +   d   +   +   +   +   d   d   d   d   d   d   d   d   d   +   +   d   d   d   d
        an answer of another kind     n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n   n
        silence                       D   D   D   D   +   +   D   +   D   D   D   D   D   D   D   D   D   D   D   D   D   +   +
        nothing is read               D   D   s   s   D   D   D   D   s   D   D   D   D   D   D   D   D   D   D   s   D   D   D
        """;

    /// <summary>The victim calls.</summary>
    public const string OfTheInitiator = """
                                      1   1?  2   2m  3   3m  4   4-  5   5o  5r  5q  6   7   7'  8   8'  id  en  5k  6k  re  r+
        a message of the limit        +   +   n   n   +   +   +   +   n   n   +   +   +   +   +   r   r   +   +   n   +   +   +
        a byte more                   V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   V   V   V
        as many elements as may be    +   +   n   n   +   +   +   +   n   n   +   +   +   +   +   r   r   +   +   n   +   +   +
        an element more               V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   V   V   V
        half a million submessages    V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   V   V   V
        as many frames as may be      m   m   m   m   m   +   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m
        a frame more                  m   m   m   m   m   V   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m   m
        truncated                     V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   C   V   V
        garbage                       V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   V   V   V
        a prefix without end          V   V   n   n   V   V   V   V   n   n   V   V   V   V   V   r   r   V   V   n   V   V   V
        a message without end         D   D   n   n   D   D   D   D   n   n   D   D   D   D   D   o   o   D   D   n   k   D   D
        byte after byte               +   +   n   n   +   +   +   +   n   n   +   +   +   +   +   +   +   +   +   n   +   +   +
        an empty frame                +   +   n   n   +   +   +   +   n   n   +   +   +   +   +   r   r   V   V   n   +   +   +
        empty frames without end      +   +   n   n   +   V   D   D   n   n   +   +   D   D   D   o   o   V   V   n   u   +   +
        an unknown kind               i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   V   V   i   i   i   i
        what is not due               +   +   +   +   +   d   d   d   V   V   +   +   d   d   d   d   d   +   +   G   d   +   +
        an answer of another kind     i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   i   V   V   i   i   i   i
        silence                       D   D   +   +   D   D   D   D   +   +   D   D   D   D   D   o   o   D   D   +   k   D   D
        nothing is read               D   D   D   D   s   s   D   s   D   D   D   D   D   D   D   o   D   D   D   k   k   D   D
        """;

    /// <summary>The cells of a table, by shape and attack.</summary>
    public static IEnumerable<(string Shape, string Attack, string Letter)> Cells(string table)
    {
        string[] lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] shapes = Words(lines[0]);
        foreach (string line in lines[1..])
        {
            string[] words = Words(line[30..]);
            Assert.Equal(shapes.Length, words.Length);
            for (int i = 0; i < shapes.Length; i++)
            {
                yield return (shapes[i], line[..30].TrimEnd(), words[i]);
            }
        }
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
