using System.Text.Json.Nodes;

namespace Libp2p.Peer.Tests.Differential;

/// <summary>What ours and js-libp2p answered to one request.</summary>
internal sealed record Comparison(JsonObject Request, JsonObject Ours, JsonObject Js)
{
    public bool WeRead => Ours["ok"]!.GetValue<bool>();

    public bool JsReads => Js["ok"]!.GetValue<bool>();

    public bool BothRead => WeRead && JsReads;

    /// <summary>The results that differ, of those that both gave.</summary>
    public IReadOnlyList<string> Differences =>
        BothRead ? [.. Js.Select(result => result.Key).Where(name => !JsonNode.DeepEquals(Ours[name], Js[name]))] : [];

    public bool Agree => WeRead == JsReads && Differences.Count == 0;

    /// <summary>Every text in which a protocol or an id might be recognized.</summary>
    public string Texts => $"{Request["text"]} {Ours["text"]} {Js["text"]}";

    public string OurError => Ours["error"]?.GetValue<string>() ?? string.Empty;

    public string JsError => Js["error"]?.GetValue<string>() ?? string.Empty;

    public bool OnlyJsReads(params ReadOnlySpan<string> reasons) => JsReads && !WeRead && Holds(OurError, reasons);

    public bool OnlyWeRead(params ReadOnlySpan<string> reasons) => WeRead && !JsReads && Holds(JsError, reasons);

    public bool Mentions(params ReadOnlySpan<string> words) => Holds(Texts, words);

    public override string ToString() => $"{Request.ToJsonString()}\n    ours {Ours.ToJsonString()}\n    js   {Js.ToJsonString()}";

    private static bool Holds(string text, ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (text.Contains(word, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
