using System.Text.Json.Serialization;

namespace Libp2p.Node.State;

/// <summary>The JSON of a node's state. Its names are promised in docs/node-state.md.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(NodeState))]
internal sealed partial class NodeStateJson : JsonSerializerContext;
