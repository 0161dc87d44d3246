using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Finds the codec of a message's type: the author's own, protobuf, bytes, text, JSON.</summary>
internal static class CodecResolver
{
    private const string Codec = "global::Libp2p.Codecs.Codec";

    /// <summary>The message with its codec, or null where there is none.</summary>
    public static MessageModel? TryResolve(ParseContext context, ITypeSymbol type, IMethodSymbol method)
    {
        if (HoldsPointers(type))
        {
            return null;
        }

        INamedTypeSymbol protocol = context.Protocol;
        string name = context.NameOf(type);
        string? codec = OwnCodec(context, type, method) ?? OwnCodec(context, type, protocol);
        if (codec is null && IsProtobuf(type))
        {
            return Protobuf(context, type);
        }

        if (codec is null && BuiltIn(type) is { } builtIn)
        {
            return new MessageModel(name, type.IsValueType, builtIn);
        }

        codec ??= Json(context, type, method) ?? Json(context, type, protocol);
        return codec is null ? null : new MessageModel(name, type.IsValueType, context.CodecField(type, codec));
    }

    /// <summary>The message with protobuf's codec.</summary>
    public static MessageModel Protobuf(ParseContext context, ITypeSymbol type)
    {
        context.Silence(type.GetMembers("Parser").FirstOrDefault());
        string name = context.NameOf(type);
        return new(name, IsValueType: false, context.CodecField(type, $"{Codec}.Protobuf({name}.Parser)"), IsProtobuf: true);
    }

    private static string? OwnCodec(ParseContext context, ITypeSymbol type, ISymbol symbol)
    {
        ITypeSymbol[] codecs = [.. symbol.Attributes("CodecAttribute`1").Select(attribute => attribute.AttributeClass!.TypeArguments[0])];
        context.IsUnresolved |= codecs.Any(codec => codec.IsUnresolved() || codec.BaseType.IsUnresolved());
        ITypeSymbol[] fitting = [.. codecs.Where(codec => Encodes(codec, type))];
        if (fitting.Length > 1)
        {
            context.Report(symbol, DeclarationProblemKind.AmbiguousCodec, symbol.Name, type.Name);
        }

        context.Silence(fitting.FirstOrDefault());
        context.Silence((fitting.FirstOrDefault() as INamedTypeSymbol)?.InstanceConstructors.FirstOrDefault(constructor => constructor.Parameters.IsEmpty));
        return fitting.Where(IsNameable).Select(codec => $"new {context.NameOf(codec)}()").FirstOrDefault();
    }

    private static bool Encodes(ITypeSymbol codec, ITypeSymbol type)
    {
        for (INamedTypeSymbol? current = codec.BaseType; current is not null; current = current.BaseType)
        {
            if (current.ArgumentsOf("Libp2p.Codecs", "MessageCodec`1") is { } arguments)
            {
                return SymbolEqualityComparer.Default.Equals(arguments[0], type);
            }
        }

        return false;
    }

    /// <summary>A message as protoc generates it: it is an <c>IMessage</c> of itself, has a parser, and can be made.</summary>
    public static bool IsProtobuf(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Class } message
        && message.AllInterfaces.Any(candidate =>
            candidate.ArgumentsOf("Google.Protobuf", "IMessage`1") is { } arguments && SymbolEqualityComparer.Default.Equals(arguments[0], type))
        && message.GetMembers("Parser").Any(member =>
            member is { IsStatic: true, DeclaredAccessibility: Accessibility.Public }
            && ((member as IPropertySymbol)?.Type ?? (member as IFieldSymbol)?.Type).ArgumentsOf("Google.Protobuf", "MessageParser`1") is not null)
        && message.InstanceConstructors.Any(constructor => constructor is { Parameters.Length: 0, DeclaredAccessibility: Accessibility.Public });

    private static string? BuiltIn(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_String ? $"{Codec}.Text"
        : IsBytes(type.ArgumentsOf("System", "ReadOnlyMemory`1")) ? $"{Codec}.Memory"
        : IsBytes(type.ArgumentsOf("System.Buffers", "ReadOnlySequence`1")) ? $"{Codec}.Sequence"
        : null;

    private static bool IsBytes(IReadOnlyList<ITypeSymbol>? arguments) => arguments?[0].SpecialType == SpecialType.System_Byte;

    private static string? Json(ParseContext context, ITypeSymbol type, ISymbol symbol)
    {
        if (symbol.Attribute("JsonAttribute`1") is not { } attribute || type.IsRefLikeType)
        {
            return null;
        }

        ITypeSymbol serializer = attribute.AttributeClass!.TypeArguments[0];
        context.IsUnresolved |= serializer.IsUnresolved() || serializer.BaseType.IsUnresolved();
        context.Silence(serializer);
        context.Silence(serializer.GetMembers("Default").FirstOrDefault());
        return HasDefault(serializer) ? $"{Codec}.Json<{context.NameOf(type)}>({context.NameOf(serializer)}.Default)" : null;
    }

    /// <summary>Whether the serializer context has its one instance, or will have: the serializer's generator adds it unseen by ours.</summary>
    private static bool HasDefault(ITypeSymbol serializer) =>
        IsNameable(serializer)
        && (serializer.GetMembers("Default").Any(member =>
                member is IPropertySymbol { IsStatic: true, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal })
            || serializer.GetAttributes().Any(attribute => attribute.AttributeClass.Is("System.Text.Json.Serialization", "JsonSerializableAttribute")));

    /// <summary>Whether naming the type takes unsafe code, which generated code is not.</summary>
    private static bool HoldsPointers(ITypeSymbol type) => type switch
    {
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => true,
        IArrayTypeSymbol array => HoldsPointers(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(HoldsPointers),
        _ => false,
    };

    private static bool IsNameable(ITypeSymbol type) => type is INamedTypeSymbol named && named.IsNameable();
}
