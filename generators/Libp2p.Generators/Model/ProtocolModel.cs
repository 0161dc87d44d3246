namespace Libp2p.Generators.Model;

/// <summary>A declared protocol, as the emitter needs it: values only, so that an unrelated edit changes nothing.</summary>
/// <param name="Namespace">Its namespace, or empty.</param>
/// <param name="Containers">The types it is nested in, outermost first, as declarations: <c>partial class Outer</c>.</param>
/// <param name="Name">The interface's name.</param>
/// <param name="FullName">The interface, <c>global::</c>-qualified.</param>
/// <param name="HintName">The interface's full name, as that of a file.</param>
/// <param name="Tables">The private class within the interface that holds the protocol's tables and its client.</param>
/// <param name="Extensions">The class of its extension methods, which shares the namespace with those of all other protocols.</param>
/// <param name="IsPublic">Whether other assemblies see it.</param>
/// <param name="Ids">The ids, newest first, parameters with their defaults in braces.</param>
/// <param name="Parameters">The parameters of the ids, in the order they appear.</param>
/// <param name="Aliases">The extern aliases that names of types begin with.</param>
/// <param name="Warnings">The ids of what the compiler has to say of the declaration itself, and need not repeat.</param>
/// <param name="ReuseSeconds">With <c>[Reuse]</c>: how long an idle stream is used again.</param>
/// <param name="Codecs">The codecs of its messages, each once.</param>
/// <param name="Discriminators">The discriminators of its messages.</param>
/// <param name="Envelopes">Its messages that travel in an envelope.</param>
/// <param name="Operations">The operations, in the order of declaration.</param>
internal sealed record ProtocolModel(
    string Namespace,
    EquatableArray<string> Containers,
    string Name,
    string FullName,
    string HintName,
    string Tables,
    string Extensions,
    bool IsPublic,
    EquatableArray<string> Ids,
    EquatableArray<IdParameter> Parameters,
    EquatableArray<string> Aliases,
    EquatableArray<string> Warnings,
    int? ReuseSeconds,
    EquatableArray<CodecModel> Codecs,
    EquatableArray<DiscriminatorModel> Discriminators,
    EquatableArray<EnvelopeModel> Envelopes,
    EquatableArray<OperationModel> Operations);

/// <summary>A parameter of a protocol's ids.</summary>
internal sealed record IdParameter(string Name, string Default);
