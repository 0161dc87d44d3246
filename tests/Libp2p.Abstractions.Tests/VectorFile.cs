using System.Text.Json;

namespace Libp2p.Tests;

/// <summary>Opens the test vectors that lie beside the test assembly.</summary>
internal static class VectorFile
{
    public static JsonElement Load(string path)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", path));
        using JsonDocument document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }

    public static IEnumerable<JsonElement> Rows(string path, string property)
    {
        JsonElement rows = Load(path).GetProperty(property);
        Assert.NotEqual(0, rows.GetArrayLength());
        return rows.EnumerateArray();
    }

    public static string Text(this JsonElement row, string property) => row.GetProperty(property).GetString()!;

    public static byte[] Hex(this JsonElement row, string property) => Convert.FromHexString(row.Text(property));
}
