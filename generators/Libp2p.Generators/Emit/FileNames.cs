using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>
/// The names of generated files. Compilers compare them without regard to case, and give up the whole generator over two that are the
/// same; C# regards case, so <c>IChat</c> and <c>Ichat</c> are two protocols.
/// </summary>
/// <param name="Alike">The protocols whose names differ in case only, in an order of their own: usually none.</param>
internal sealed record FileNames(EquatableArray<string> Alike)
{
    public static FileNames Of(IEnumerable<string> protocols) => new(protocols
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        .Where(alike => alike.Count() > 1)
        .SelectMany(alike => alike)
        .OrderBy(name => name, StringComparer.Ordinal)
        .ToEquatableArray());

    /// <summary>The file of the protocol: a number is no identifier, so it makes no name that another protocol has.</summary>
    public string NameOf(string protocol)
    {
        int place = Alike.Where(name => string.Equals(name, protocol, StringComparison.OrdinalIgnoreCase)).ToList().IndexOf(protocol);
        return place > 0 ? $"{protocol}.{place + 1}.g.cs" : $"{protocol}.g.cs";
    }
}
