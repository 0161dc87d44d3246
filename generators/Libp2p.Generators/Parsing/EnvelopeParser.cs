using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads messages that travel as members of a protobuf <c>oneof</c>.</summary>
internal static class EnvelopeParser
{
    private const string CaseSuffix = "OneofCase";

    /// <summary>The attribute that names the envelope of the operation's messages, or null.</summary>
    public static AttributeData? AttributeOf(ParseContext context, IMethodSymbol method) =>
        method.Attribute("EnvelopeAttribute`1") ?? context.Protocol.Attribute("EnvelopeAttribute`1");

    /// <summary>The message, which is the envelope, a member of it, or an interface that members implement.</summary>
    public static MessageModel? TryResolve(ParseContext context, IMethodSymbol method, AttributeData attribute, ITypeSymbol type)
    {
        if (TryReadCases(context, attribute) is not { } all)
        {
            return null;
        }

        ITypeSymbol envelope = attribute.AttributeClass!.TypeArguments[0];
        if (SymbolEqualityComparer.Default.Equals(type, envelope))
        {
            return CodecResolver.Protobuf(context, type);
        }

        EnvelopeCase[] cases = [.. all
            .Where(one => CodecResolver.IsProtobuf(one.Type))
            .Where(one => SymbolEqualityComparer.Default.Equals(one.Type, type) || (type.TypeKind == TypeKind.Interface && Implements(one.Type, type)))
            .Select(one => new EnvelopeCase(Symbols.Escaped(one.Property), context.NameOf(one.Type), one.Number))];
        if (cases.Length == 0)
        {
            context.Report(method, DeclarationProblemKind.NotInEnvelope, method.Name, type.Name, envelope.Name);
            return null;
        }

        if (cases.Select(one => one.Type).Distinct().Count() < cases.Length)
        {
            context.Report(method, DeclarationProblemKind.AmbiguousEnvelopeCase, method.Name, type.Name, envelope.Name);
            return null;
        }

        string name = context.NameOf(type);
        EnvelopeModel? model = context.Envelopes.FirstOrDefault(known => known.MemberType == name && known.EnvelopeType == context.NameOf(envelope));
        if (model is null)
        {
            context.Silence(envelope);
            foreach ((string property, ITypeSymbol member, int _) in all)
            {
                context.Silence(member);
                context.Silence(envelope.GetMembers(property).FirstOrDefault());
            }

            model = new(context.UniqueField($"{type.Name}In{envelope.Name}"), context.NameOf(envelope), name, cases.ToEquatableArray());
            context.Envelopes.Add(model);
        }

        return new MessageModel(name, IsValueType: false, model.Field, IsProtobuf: true);
    }

    /// <summary>What of a first message of this type says that it is for the operation; null for the envelope itself, which says nothing.</summary>
    public static SelectionModel? Select(ParseContext context, AttributeData attribute, MessageModel? first)
    {
        if (first is null || context.Envelopes.FirstOrDefault(known => known.Field == first.Codec) is not { } model)
        {
            return null;
        }

        IReadOnlyList<(string Property, ITypeSymbol Type, int Number)> all = TryReadCases(context, attribute)!;
        return new SelectionModel(
            "Case",
            all.Select(one => NumberOf(model.EnvelopeType, one.Property)).ToEquatableArray(),
            all.Select(one => one.Number).ToEquatableArray(),
            model.Cases.Select(one => NumberOf(model.EnvelopeType, one.Property.TrimStart('@'))).ToEquatableArray(),
            model.Cases.Select(one => one.Number).ToEquatableArray());
    }

    /// <summary>The members of the envelope's one <c>oneof</c>, as protoc generates it: an enum of the cases, and a property for each.</summary>
    private static IReadOnlyList<(string Property, ITypeSymbol Type, int Number)>? TryReadCases(ParseContext context, AttributeData attribute)
    {
        ITypeSymbol envelope = attribute.AttributeClass!.TypeArguments[0];
        if (envelope.IsUnresolved())
        {
            context.IsUnresolved = true;
            return null;
        }

        if (envelope is INamedTypeSymbol named && !named.IsNameable())
        {
            context.Report(attribute, DeclarationProblemKind.NotAccessible, envelope.Name);
            return null;
        }

        INamedTypeSymbol[] oneofs = [.. envelope.GetTypeMembers().Where(type =>
            type.TypeKind == TypeKind.Enum && type.Name.EndsWith(CaseSuffix, StringComparison.Ordinal))];
        if (oneofs.Length != 1 || !CodecResolver.IsProtobuf(envelope))
        {
            context.Report(attribute, DeclarationProblemKind.EnvelopeNeedsOneof, envelope.Name);
            return null;
        }

        return
        [
            .. from member in oneofs[0].GetMembers().OfType<IFieldSymbol>()
               let number = envelope.GetMembers(member.Name + "FieldNumber").OfType<IFieldSymbol>().FirstOrDefault()?.ConstantValue as int?
               let property = envelope.GetMembers(member.Name).OfType<IPropertySymbol>().FirstOrDefault()
               where number is not null && property is not null
               select (member.Name, property.Type, number.Value),
        ];
    }

    private static string NumberOf(string envelope, string property) => $"{envelope}.{property}FieldNumber";

    private static bool Implements(ITypeSymbol member, ITypeSymbol type) => member.AllInterfaces.Contains(type, SymbolEqualityComparer.Default);
}
