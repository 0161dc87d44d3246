using System.Text.Json;

namespace Libp2p.Tests.Crypto;

/// <summary>The official vectors, copied beside the tests.</summary>
internal static class Vectors
{
    public static JsonElement Load(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Vectors", "crypto", file);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>Every test of a Wycheproof file, with its group.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Test)> Wycheproof(string file)
    {
        foreach (JsonElement group in Load(Path.Combine("wycheproof", file)).GetProperty("testGroups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                yield return (group, test);
            }
        }
    }

    public static byte[] Hex(this JsonElement element, string property) =>
        Convert.FromHexString(element.GetProperty(property).GetString()!);

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    public static bool HasFlag(this JsonElement test, string flag) =>
        test.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == flag);

    /// <summary>Names the vector when an assertion fails.</summary>
    public static string Label(this JsonElement test) => $"tcId {test.GetProperty("tcId")}: {test.Text("comment")}";
}
