namespace Libp2p.Interop.Peers;

/// <summary>The last lines of a text that may be long. Thread-safe.</summary>
internal sealed class Tail
{
    private const int Lines = 40;
    private const int LineLength = 400;

    private readonly Queue<string> _lines = new();
    private readonly Lock _lock = new();

    public void Add(string line)
    {
        lock (_lock)
        {
            if (_lines.Count == Lines)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line.Length > LineLength ? line[..LineLength] + "…" : line);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Concat(_lines.Select(line => $"    {line}\n"));
        }
    }
}
