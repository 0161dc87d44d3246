using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Libp2p.Simulation;

/// <summary>The names people gave to what the compiler renamed: async methods, local functions, lambdas, generic types.</summary>
internal static partial class MethodName
{
    /// <summary>The async method that became a state machine.</summary>
    public static string OfStateMachine(Type machine)
    {
        string owner = machine.DeclaringType is { } declaring ? Readable(declaring) + "." : "";
        return owner + Readable(machine.Name);
    }

    /// <summary>A method.</summary>
    public static string Of(MethodInfo method)
    {
        string owner = method.DeclaringType is { } declaring ? Readable(declaring) + "." : "";
        return owner + Readable(method.Name);
    }

    /// <summary>A type, with its arguments.</summary>
    public static string Readable(Type type)
    {
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && type.DeclaringType is { } outer)
        {
            return Readable(outer); // closures: <>c, <>c__DisplayClass1_0
        }

        string name = type.DeclaringType is { } holder && !type.IsGenericParameter ? $"{Bare(holder)}.{Bare(type)}" : Bare(type);
        string arguments = type.IsConstructedGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(Readable))}>" : "";
        return name + arguments;
    }

    private static string Bare(Type type)
    {
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? type.Name : type.Name[..arity];
    }

    // <Outer>d__3 · <<Outer>g__Local|0_1>d · <<Outer>b__0>d · <Outer>g__Local|0_1 · <Outer>b__0
    private static string Readable(string mangled)
    {
        Match match = Mangled().Match(mangled);
        if (!match.Success)
        {
            return mangled;
        }

        string outer = match.Groups["outer"].Value;
        return match.Groups["local"] is { Success: true } local ? $"{outer}.{local.Value}"
            : match.Groups["lambda"].Success ? $"{outer} (lambda)"
            : outer;
    }

    [GeneratedRegex(@"^<{1,2}(?<outer>[^<>]+)>(?:g__(?<local>[^|]+)\||(?<lambda>b__)|d)")]
    private static partial Regex Mangled();
}
