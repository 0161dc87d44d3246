using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Parsing;

/// <summary>
/// Sees whether generated code would compile where the declaration stands: in the project's version of C#, and with the library under
/// the name that generated code has for it.
/// </summary>
internal static class LanguageParser
{
    /// <summary>
    /// The lowest <c>LangVersion</c> in which generated code compiles: interfaces have static members from 8 on, and the tables' properties
    /// are set where they are made from 9 on.
    /// </summary>
    private const LanguageVersion Least = LanguageVersion.CSharp9;

    /// <summary>Reports what keeps all generated code from compiling: whatever else is wrong is said when this is mended.</summary>
    public static bool Check(ParseContext context)
    {
        INamedTypeSymbol protocol = context.Protocol;
        if (context.Compilation is CSharpCompilation { LanguageVersion: < Least })
        {
            context.Report(protocol, DeclarationProblemKind.LanguageTooOld, protocol.Name, Least.ToDisplayString());
            return false;
        }

        if (!IsNamedByGlobal(context, "Libp2p", protocol.Attribute("ProtocolAttribute")!.AttributeClass!) || !IsNamedByGlobal(context, "System", context.Compilation.ObjectType))
        {
            context.Report(protocol, DeclarationProblemKind.LibraryHidden, protocol.Name);
            return false;
        }

        return true;
    }

    /// <summary>Whether <c>global::</c> and the namespace lead to the type: its assembly may have an alias alone, or a type have the name.</summary>
    private static bool IsNamedByGlobal(ParseContext context, string space, ITypeSymbol type) =>
        context.IsGlobal(type.ContainingAssembly) && context.Compilation.GlobalNamespace.GetTypeMembers(space, arity: 0).IsEmpty;
}
