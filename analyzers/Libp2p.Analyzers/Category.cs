namespace Libp2p.Analyzers;

/// <summary>What a rule is about.</summary>
internal static class Category
{
    /// <summary>The interface as such.</summary>
    public const string Interface = "Libp2p.Interface";

    /// <summary>Protocol ids, and which operation they lead to.</summary>
    public const string Ids = "Libp2p.Ids";

    /// <summary>Signatures of members, and the messages in them.</summary>
    public const string Signatures = "Libp2p.Signatures";

    /// <summary>Which of several operations on one id a message is for.</summary>
    public const string Dispatch = "Libp2p.Dispatch";

    /// <summary>Limits, framing, reuse and what else attributes set.</summary>
    public const string Settings = "Libp2p.Settings";

    /// <summary>What the project provides: the language, and the reference to the library.</summary>
    public const string Project = "Libp2p.Project";

    /// <summary>What handlers and callers do with a protocol.</summary>
    public const string Calls = "Libp2p.Calls";
}
