namespace Libp2p.Generators.Model;

/// <summary>One member of a protocol.</summary>
/// <param name="Name">Its name without <c>Async</c>.</param>
/// <param name="Method">The method's name, escaped where it is a keyword.</param>
/// <param name="Reference">The method, as documentation refers to it.</param>
/// <param name="Documentation">What the author wrote of it.</param>
/// <param name="AllParameters">Its parameters, the context last.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="First">What the initiator begins with, where a dialogue or bytes follow.</param>
/// <param name="Request">What the initiator sends, if it sends messages.</param>
/// <param name="Response">What the responder sends, if it sends messages.</param>
/// <param name="IsReplyOptional">Whether the responder may close without a reply.</param>
/// <param name="Suffix">Of <c>[Id]</c>.</param>
/// <param name="Selection">What of its first message tells it apart from other operations on its id; null: nothing does.</param>
/// <param name="SharesId">Whether there are others.</param>
/// <param name="Since">Of <c>[Since]</c>.</param>
/// <param name="Framing">How its messages are delimited, as a member of MessageFraming; null: the default.</param>
/// <param name="FirstFraming">How the first message is delimited; null: as the others.</param>
/// <param name="MaxFrames">Of <c>[Merge]</c>.</param>
/// <param name="Limits">Its bounds.</param>
/// <param name="Connection">What connection it runs on; null: the default.</param>
/// <param name="Policy">Who may call it, how its failures travel, and how long its streams live.</param>
/// <param name="IsObsolete">Whether naming it, or what it sends, draws a warning.</param>
internal sealed record OperationModel(
    string Name,
    string Method,
    string Reference,
    DocumentationModel Documentation,
    EquatableArray<ParameterModel> AllParameters,
    DeclaredShape Shape,
    MessageModel? First,
    MessageModel? Request,
    MessageModel? Response,
    bool IsReplyOptional,
    string? Suffix,
    SelectionModel? Selection,
    bool SharesId,
    string? Since,
    string? Framing,
    string? FirstFraming,
    int? MaxFrames,
    LimitsModel Limits,
    ConnectionModel? Connection,
    PolicyModel Policy,
    bool IsObsolete)
{
    /// <summary>Whether the initiator has an <c>Open…Async</c> of its own, because the declared form is the responder's.</summary>
    public bool IsOpened => HasOpener(Shape, Policy);

    /// <summary>The same of an operation that is still being read.</summary>
    public static bool HasOpener(DeclaredShape shape, PolicyModel policy) => policy.PerPeer is not null || shape
        is DeclaredShape.ClientStream or DeclaredShape.Dialogue or DeclaredShape.Raw
        or DeclaredShape.FirstThenDialogue or DeclaredShape.FirstThenRaw;

    /// <summary>The member's parameters before its context.</summary>
    public IEnumerable<ParameterModel> Parameters => AllParameters.Take(AllParameters.Count - 1);

    /// <summary>The parameters of <c>Open…Async</c> before its context.</summary>
    public IEnumerable<ParameterModel> OpenParameters => Parameters.Take(First is null ? 0 : 1);

    /// <summary>The context, always last.</summary>
    public ParameterModel Context => AllParameters[AllParameters.Count - 1];

    /// <summary>What the member returns.</summary>
    public string ReturnType => Shape switch
    {
        DeclaredShape.ServerStream or DeclaredShape.Duplex => $"global::System.Collections.Generic.IAsyncEnumerable<{Response!.Type}>",
        DeclaredShape.Unary or DeclaredShape.Pull => $"global::System.Threading.Tasks.ValueTask<{Response!.Type}{(IsReplyOptional ? "?" : "")}>",
        DeclaredShape.ClientStream when Response is not null => $"global::System.Threading.Tasks.ValueTask<{Response.Type}>",
        _ => "global::System.Threading.Tasks.ValueTask",
    };

    /// <summary>Whether the whole exchange has no bound unless one is declared: it streams, and its idle time is bounded instead.</summary>
    public bool IsUnbounded => Limits is { ExchangeSeconds: null, IdleSeconds: not null }
        && Shape is not (DeclaredShape.Unary or DeclaredShape.Push or DeclaredShape.Pull);
}

/// <summary>The shapes of the declaration model, by the names the runtime has for them.</summary>
internal enum DeclaredShape
{
    Unary,
    Push,
    Pull,
    ServerStream,
    ClientStream,
    Duplex,
    Dialogue,
    Raw,
    FirstThenDialogue,
    FirstThenRaw,
}

/// <summary>The bounds that are declared; null where they are not. Times may be <see cref="Unbounded"/>.</summary>
internal sealed record LimitsModel(
    int? MaxRequest,
    int? MaxResponse,
    int? MaxSend,
    int? MaxElements,
    int? ExchangeSeconds,
    int? ReadSeconds,
    int? IdleSeconds,
    int? InboundPerPeer,
    int? OutboundPerPeer,
    string? WhenFull)
{
    /// <summary>The value of Seconds.Unbounded: no bound, on purpose.</summary>
    public const int Unbounded = -1;
}

/// <summary>What connection an operation runs on, by the names of the enum members.</summary>
internal sealed record ConnectionModel(string Limited, string OpenedBy, string Relayed)
{
    /// <summary>What holds where nothing is declared.</summary>
    public static readonly ConnectionModel Default = new("Refuse", "Either", "Allow");
}
