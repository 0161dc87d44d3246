using System.Text;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Pairing;

/// <summary>Cases by pairs, as Markdown.</summary>
internal sealed class OutcomeTable
{
    private readonly SortedDictionary<string, Dictionary<(string Dialer, string Listener), string>> _outcomes = new(StringComparer.Ordinal);

    public void Add(string name, (string Dialer, string Listener) pair, string outcome)
    {
        lock (_outcomes)
        {
            if (!_outcomes.TryGetValue(name, out Dictionary<(string Dialer, string Listener), string>? row))
            {
                _outcomes[name] = row = [];
            }

            row[pair] = outcome;
        }
    }

    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append("| case |").AppendJoin('|', PairsAttribute.All.Select(pair => $" {pair.Dialer} → {pair.Listener} ")).Append("|\n|---|");
        text.Insert(text.Length, "---|", PairsAttribute.All.Count).Append('\n');
        lock (_outcomes)
        {
            foreach ((string name, Dictionary<(string Dialer, string Listener), string> row) in _outcomes)
            {
                text.Append("| ").Append(name).Append(" |").AppendJoin('|', PairsAttribute.All.Select(pair => $" {Outcome(row, pair)} ")).Append("|\n");
            }
        }

        return text.ToString();
    }

    private static string Outcome(Dictionary<(string Dialer, string Listener), string> row, (string Dialer, string Listener) pair) =>
        row.GetValueOrDefault(pair)
        ?? (PeerProgram.Named(pair.Dialer).Absence is null && PeerProgram.Named(pair.Listener).Absence is null ? "not run" : "absent");
}
