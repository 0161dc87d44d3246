namespace Libp2p.Generators.Model;

/// <summary>What the author wrote of a member: lines, still XML, none where nothing is said.</summary>
/// <param name="Summary">What it does.</param>
/// <param name="Returns">What it gives.</param>
/// <param name="Exceptions">How it fails.</param>
internal sealed record DocumentationModel(
    EquatableArray<string> Summary, EquatableArray<string> Returns, EquatableArray<ExceptionModel> Exceptions);

/// <summary>A failure of a member.</summary>
/// <param name="Reference">The exception's type, as a compiler refers to it.</param>
/// <param name="Text">When it is thrown.</param>
internal sealed record ExceptionModel(string Reference, EquatableArray<string> Text);

/// <summary>A parameter of a member.</summary>
/// <param name="Type">The type, <c>global::</c>-qualified.</param>
/// <param name="Name">The name, not escaped.</param>
/// <param name="Text">What the author says of it.</param>
internal sealed record ParameterModel(string Type, string Name, EquatableArray<string> Text = default);
