using System.Text;
using System.Text.RegularExpressions;
using Libp2p.Generators.Model;

namespace Libp2p.Generators.Parsing;

/// <summary>The rules for protocol ids and what stands in them.</summary>
internal static class ProtocolIds
{
    private const int MaxBytes = 1023;

    private static readonly Regex s_parameter = new(@"\{(?<name>[A-Za-z_][A-Za-z0-9_]*)=(?<default>[^{}]+)\}", RegexOptions.CultureInvariant);

    /// <summary>Whether the id can be negotiated, and its parameters are well-formed.</summary>
    public static bool IsWellFormed(string id) =>
        id.Length > 1
        && id[0] == '/'
        && id[id.Length - 1] != '/'
        && !id.Any(char.IsWhiteSpace)
        && Encoding.UTF8.GetByteCount(Bound(id)) <= MaxBytes
        && s_parameter.Replace(id, "").IndexOfAny(['{', '}']) < 0
        && !Bound(id).Contains("//");

    /// <summary>Whether it can follow an id.</summary>
    public static bool IsSuffix(string suffix) =>
        suffix.Length > 0
        && suffix[0] != '/'
        && suffix[suffix.Length - 1] != '/'
        && !suffix.Contains("//")
        && !suffix.Any(c => char.IsWhiteSpace(c) || c is '{' or '}');

    /// <summary>Whether the id can be negotiated with it.</summary>
    public static bool Fits(string id, string suffix) => Encoding.UTF8.GetByteCount(Full(id, suffix)) <= MaxBytes;

    /// <summary>The id as it is negotiated, unless its parameters are bound otherwise.</summary>
    public static string Bound(string id) => s_parameter.Replace(id, "${default}");

    /// <summary>The same of an operation.</summary>
    public static string Full(string id, string? suffix) => suffix is null ? Bound(id) : $"{Bound(id)}/{suffix}";

    /// <summary>The parameters of all ids, each once; null where one has two defaults.</summary>
    public static IReadOnlyList<IdParameter>? ParametersOf(IEnumerable<string> ids)
    {
        List<IdParameter> parameters = [];
        foreach (Match match in ids.SelectMany(id => s_parameter.Matches(id).Cast<Match>()))
        {
            IdParameter parameter = new(match.Groups["name"].Value, match.Groups["default"].Value);
            IdParameter? known = parameters.Find(other => other.Name == parameter.Name);
            if (known is not null && known != parameter)
            {
                return null;
            }

            if (known is null)
            {
                parameters.Add(parameter);
            }
        }

        return parameters;
    }
}
