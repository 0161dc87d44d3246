using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.Generators.Tests.Mutations;

/// <summary>Changes code at random, the same way for the same seed: tokens, attributes, members, and arguments of all of these.</summary>
internal sealed class Mutator(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>What a token may become: names that mean something, names that the generator uses, keywords, literals and debris.</summary>
    private static readonly string[] s_tokens =
    [
        "Note", "Receipt", "Handmade", "Letter", "Card", "Parcel", "IAnswer", "Yes", "Kind", "Letter.Bare", "nameof(Letter.Size)", "nameof(Letter.Text)", "(Kind)9", "Kind.Ask", "long.MaxValue", "'x'", "Missing", "string", "object", "dynamic", "int", "byte[]", "void", "T", "Note?", "int*", "Span<byte>",
        "ReadOnlyMemory<byte>", "ReadOnlySequence<byte>", "ReadOnlyMemory<byte>?", "List<Note?>", "(int A, Note B)", "delegate*<void>",
        "ValueTask", "ValueTask<Note>", "ValueTask<Note?>", "Task", "IAsyncEnumerable<Note>", "Dialogue<Note, Receipt>", "P2PStream",
        "CallContext", "CallContext?", "CancellationToken", "global", "Libp2p", "System", "Protocol", "Client", "Value", "s_send", "DemoProtocol",
        "static", "abstract", "virtual", "private", "protected", "internal", "public", "file", "partial", "new", "unsafe", "async", "readonly",
        "ref", "in", "out", "params", "this", "scoped", "default", "null", "null!", "@class", "record", "class", "struct", "interface", "where", "record struct",
        "0", "-1", "99", "int.MaxValue", "\"\"", "\"/\"", "\"a\"", "\"/a\"", "\"/{a=b}/c\"", "\"/{value=b}\"", "\"\\n\"", "\"\\u2028</c>\"", "\"\"\"x\"\"\"",
        "{", "}", "(", ")", "<", ">", "[", "]", ",", ";", "=", "=>", ":", "?", "// ", "/*", "#if", "#nullable disable", "\\u0061", "é",
    ];

    private static readonly string[] s_attributes =
    [
        "Protocol(\"/x\")", "Protocol", "Id(\"x\")", "Id(null!)", "Id(\"/\")", "Since(\"/a\")", "Since(\"/x\")", "Reuse", "Reuse(IdleSeconds = -1)", "Merge", "Merge(MaxFrames = 0)",
        "PerPeer(1)", "PerPeer(0)", "Access", "Access(Policy = null)", "Connection", "Since(null!)", "On(1)", "On(Kind.Ask, Reply = 2)", "On(Kind.Tell, Reply = null)", "On(null!)", "On(typeof(int))", "Envelope<Note>", "Envelope<Parcel>", "Access(Policy = \"x\")", "ResetCode(0x10000, typeof(Exception))", "ResetCode(1, typeof(int))",
        "Framing(Framing.None)", "Framing(Framing.Fixed, Size = 9)", "Framing(Framing.Fixed)", "Framing((Framing)77)", "Framing(Framing.Line)",
        "Limits(MaxMessage = 1)", "Limits(MaxMessage = -1)", "Limits(ExchangeSeconds = Seconds.Unbounded)", "Limits(IdleSeconds = int.MaxValue, WhenFull = (WhenFull)42)",
        "Connection(Limited = (LimitedConnections)7, OpenedBy = ConnectionOpener.Dialer)", "Connection(Relayed = (RelayedConnections)9)", "Json<Missing>", "Json<System.Text.Json.Serialization.JsonSerializerContext>",
        "Codec<Note>", "Codec<NoteCodec>", "Codec<NoteCodec>, Codec<OtherCodec>", "Codec<Missing>", "Obsolete", "Obsolete(\"x\", true)",
        "System.Diagnostics.CodeAnalysis.Experimental(\"X\")", "System.ComponentModel.EditorBrowsable(0)", "System.Runtime.CompilerServices.IndexerName(\"x\")", "Obsolete(DiagnosticId = \"Y\")",
    ];

    /// <summary>The code with one to four changes; now and then in two files, both changed.</summary>
    public string[] MutateFiles(string code) => _random.Next(8) switch
    {
        0 => [Mutate(code, 2), Mutate(Twin(code), 2)],
        1 => [Mutate(code, 2), Mutate(Part(code), 2)],
        _ => [Mutate(code, 4)],
    };

    private string Mutate(string code, int most)
    {
        int changes = 1 + _random.Next(most);
        for (int i = 0; i < changes; i++)
        {
            SyntaxNode root = CSharpSyntaxTree.ParseText(code).GetRoot();
            code = _random.Next(10) switch
            {
                0 or 1 or 2 => ReplaceToken(root, code),
                3 => Cut(code, Pick(root.DescendantTokens())?.FullSpan),
                4 => Swap(code, Pick(root.DescendantTokens()), Pick(root.DescendantTokens())),
                5 or 6 => AddAttribute(root, code),
                7 => Cut(code, Pick(root.DescendantNodes().OfType<AttributeListSyntax>())?.FullSpan),
                8 => Repeat(code, Pick(root.DescendantNodes().Where(node => node is MemberDeclarationSyntax or ParameterSyntax or AttributeSyntax or ArgumentSyntax))),
                _ => Cut(code, Pick(root.DescendantNodes().Where(node => node is MemberDeclarationSyntax or ParameterSyntax or AttributeArgumentSyntax))?.FullSpan),
            };
        }

        return code;
    }

    /// <summary>The same interfaces under names that differ in the case of one letter.</summary>
    private string Twin(string code)
    {
        foreach (InterfaceDeclarationSyntax type in Interfaces(code))
        {
            int place = type.Identifier.Span.End - 1 - _random.Next(type.Identifier.ValueText.Length);
            char turned = char.IsUpper(code[place]) ? char.ToLowerInvariant(code[place]) : char.ToUpperInvariant(code[place]);
            code = code.Remove(place, 1).Insert(place, turned.ToString());
        }

        return code;
    }

    /// <summary>Other parts of the same interfaces, without members, and mostly without the attributes.</summary>
    private string Part(string code)
    {
        foreach (InterfaceDeclarationSyntax type in Interfaces(code))
        {
            code = code[..type.OpenBraceToken.Span.End] + code[type.CloseBraceToken.SpanStart..];
            code = _random.Next(3) == 0 ? code : code.Remove(type.SpanStart, type.Modifiers.Span.Start - type.SpanStart);
        }

        return code;
    }

    /// <summary>The last one first, so that a change moves none that is still to be changed.</summary>
    private static IEnumerable<InterfaceDeclarationSyntax> Interfaces(string code) =>
        CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().OfType<InterfaceDeclarationSyntax>().Reverse();

    private string ReplaceToken(SyntaxNode root, string code) => Pick(root.DescendantTokens()) is { } token
        ? code[..token.SpanStart] + s_tokens[_random.Next(s_tokens.Length)] + code[token.Span.End..]
        : code;

    private string AddAttribute(SyntaxNode root, string code) =>
        Pick(root.DescendantNodes().Where(node => node is TypeDeclarationSyntax or MethodDeclarationSyntax)) is { } member
            ? code.Insert(member.SpanStart, $"[{s_attributes[_random.Next(s_attributes.Length)]}] ")
            : code;

    private static string Cut(string code, Microsoft.CodeAnalysis.Text.TextSpan? span) =>
        span is { } cut ? code.Remove(cut.Start, cut.Length) : code;

    private static string Repeat(string code, SyntaxNode? node) =>
        node is null ? code : code.Insert(node.Span.End, (node is MemberDeclarationSyntax ? "\n" : ", ") + node);

    private static string Swap(string code, SyntaxToken? one, SyntaxToken? other)
    {
        if (one is not { } a || other is not { } b || a.Span.OverlapsWith(b.Span))
        {
            return code;
        }

        (SyntaxToken first, SyntaxToken second) = a.SpanStart < b.SpanStart ? (a, b) : (b, a);
        return code[..first.SpanStart] + second.Text + code[first.Span.End..second.SpanStart] + first.Text + code[second.Span.End..];
    }

    private SyntaxToken? Pick(IEnumerable<SyntaxToken> tokens)
    {
        ImmutableArray<SyntaxToken> all = [.. tokens];
        return all.Length == 0 ? null : all[_random.Next(all.Length)];
    }

    private SyntaxNode? Pick(IEnumerable<SyntaxNode> nodes)
    {
        ImmutableArray<SyntaxNode> all = [.. nodes];
        return all.Length == 0 ? null : all[_random.Next(all.Length)];
    }
}
