using System.Text.Json;

namespace Libp2p.Tests;

/// <summary>Reads the vector files that travel with the tests.</summary>
internal static class VectorFile
{
    public static JsonElement Read(string area, string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", area, file))).RootElement;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
