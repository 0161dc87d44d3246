namespace Libp2p.Analyzers;

/// <summary>Where a rule is explained: one page per id in <c>docs/diagnostics</c>.</summary>
internal static class HelpPage
{
    private const string Folder = "https://github.com/libp2p-gen/Libp2p.Gen/blob/main/docs/diagnostics/";

    public static string Of(string id) => Folder + id + ".md";
}
