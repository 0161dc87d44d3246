using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads what tells the protocol's messages apart: the property that the protocol names, and the values of <c>[On]</c>.</summary>
internal static class DiscriminatorParser
{
    private const string Argument = "Discriminator";

    /// <summary>The property's name, or null where there is none.</summary>
    public static string? NameOf(INamedTypeSymbol protocol) => protocol.Attribute("ProtocolAttribute")?.Named<string>(Argument);

    /// <summary>The message with its codec, which sees to the discriminator: this value, or any.</summary>
    public static MessageModel? Discriminate(
        ParseContext context, IMethodSymbol method, ITypeSymbol type, MessageModel message, TypedConstant? value, string argument)
    {
        if (!message.IsProtobuf)
        {
            context.Report(method, DeclarationProblemKind.DiscriminatorNeedsProtobuf, method.Name, type.Name);
            return null;
        }

        if (TryFind(context, type, message) is not { } discriminator)
        {
            return null;
        }

        if (value is not { } constant)
        {
            return message with { Codec = $"{discriminator.Field}.Required({message.Codec})" };
        }

        context.Silence(constant.EnumField());
        if (Read(context, constant, discriminator) is not { } due)
        {
            AttributeData attribute = method.Attribute("OnAttribute")!;
            context.Report(attribute.ArgumentLocation(argument), DeclarationProblemKind.InvalidOn, method.Name, discriminator.Property);
            return null;
        }

        return message with { Codec = $"{discriminator.Field}.On({message.Codec}, {due.Text})" };
    }

    /// <summary>What of a first message of this type says that it is for the operation.</summary>
    public static SelectionModel? Select(ParseContext context, MessageModel? first, TypedConstant value) =>
        first is not null
        && context.Discriminators.FirstOrDefault(known => known.MessageType == first.Type) is { } discriminator
        && Read(context, value, discriminator) is { } due
            ? new SelectionModel(
                "Field",
                new[] { $"{discriminator.MessageType}.{discriminator.Property.TrimStart('@')}FieldNumber" }.ToEquatableArray(),
                new[] { discriminator.Number }.ToEquatableArray(),
                new[] { due.Text }.ToEquatableArray(),
                new[] { due.Number }.ToEquatableArray())
            : null;

    /// <summary>The property of a message, as protoc generates an <c>optional</c> enum or integer.</summary>
    private static DiscriminatorModel? TryFind(ParseContext context, ITypeSymbol type, MessageModel message)
    {
        if (context.Discriminators.FirstOrDefault(known => known.MessageType == message.Type) is { } found)
        {
            return found;
        }

        string name = NameOf(context.Protocol)!;
        Location? location = context.Protocol.Attribute("ProtocolAttribute")!.ArgumentLocation(Argument);
        if (Property(type, name) is not { SetMethod.DeclaredAccessibility: Accessibility.Public } property
            || !(property.Type.TypeKind == TypeKind.Enum || property.Type.SpecialType is SpecialType.System_Int32 or SpecialType.System_UInt32)
            || NumberOf(type, name) is not { } number)
        {
            context.Report(location, DeclarationProblemKind.UnknownDiscriminator, type.Name, name);
            return null;
        }

        if (Property(type, "Has" + name) is not { Type.SpecialType: SpecialType.System_Boolean })
        {
            context.Report(location, DeclarationProblemKind.DiscriminatorWithoutPresence, type.Name, name);
            return null;
        }

        context.Silence(property);
        context.Silence(property.Type);
        ITypeSymbol value = (property.Type as INamedTypeSymbol)?.EnumUnderlyingType ?? property.Type;
        DiscriminatorModel discriminator = new(
            context.UniqueField($"{name}Of{type.Name}"),
            message.Type,
            Symbols.Escaped(name),
            "Has" + name,
            context.NameOf(property.Type),
            value.SpecialType == SpecialType.System_Int32,
            number);
        context.Discriminators.Add(discriminator);
        return discriminator;
    }

    private static IPropertySymbol? Property(ITypeSymbol type, string name) => type.GetMembers(name)
        .OfType<IPropertySymbol>()
        .FirstOrDefault(property => property is { IsStatic: false, GetMethod.DeclaredAccessibility: Accessibility.Public });

    private static int? NumberOf(ITypeSymbol type, string name) =>
        type.GetMembers(name + "FieldNumber").OfType<IFieldSymbol>().FirstOrDefault()?.ConstantValue as int?;

    /// <summary>The value as a number and as code has it; null where it is none of the discriminator's.</summary>
    private static (int Number, string Text)? Read(ParseContext context, TypedConstant constant, DiscriminatorModel discriminator)
    {
        if (constant is { Kind: TypedConstantKind.Enum, Type: { } type })
        {
            return context.NameOf(type) == discriminator.ValueType && ToInt32(constant.Value) is { } number
                ? (number, constant.EnumMember() is { } member ? $"(int){discriminator.ValueType}.{Symbols.Escaped(member)}" : Literal(number))
                : null;
        }

        return constant.Kind == TypedConstantKind.Primitive && ToInt32(constant.Value) is { } plain ? (plain, Literal(plain)) : null;
    }

    private static string Literal(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static int? ToInt32(object? value) => value switch
    {
        int number => number,
        byte number => number,
        sbyte number => number,
        short number => number,
        ushort number => number,
        uint and <= int.MaxValue => (int)(uint)value,
        long and >= int.MinValue and <= int.MaxValue => (int)(long)value,
        _ => null,
    };
}
