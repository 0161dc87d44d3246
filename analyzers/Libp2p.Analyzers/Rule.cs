using Microsoft.CodeAnalysis;

namespace Libp2p.Analyzers;

/// <summary>Makes the rules: each has an id, a category, a title, a message that says what to do, and the page of its id.</summary>
internal static class Rule
{
    /// <summary>A mistake for which nothing is generated.</summary>
    public static DiagnosticDescriptor Error(string id, string category, string title, string message) =>
        Make(id, category, title, message, DiagnosticSeverity.Error);

    /// <summary>A mistake that compiles and works to some degree.</summary>
    public static DiagnosticDescriptor Warning(string id, string category, string title, string message) =>
        Make(id, category, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Make(string id, string category, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, category, severity, isEnabledByDefault: true, description: null, HelpPage.Of(id));
}
