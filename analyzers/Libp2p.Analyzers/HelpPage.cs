namespace Libp2p.Analyzers;

/// <summary>Where a rule is explained: one page per id in <c>docs/diagnostics</c>.</summary>
internal static class HelpPage
{
    /// <summary>
    /// The repository. It is not published yet, and the address is a placeholder: this is the one place to put the real one. The pages
    /// themselves lie in the repository.
    /// </summary>
    private const string Repository = "https://github.com/libp2p-gen/Libp2p.Gen";

    public static string Of(string id) => $"{Repository}/blob/main/docs/diagnostics/{id}.md";
}
