using System.Diagnostics.CodeAnalysis;

namespace Libp2p;

/// <summary>What runs on a stream, as the stream sees it: it is told what passes and asked what it is about, and sets nothing on the stream.</summary>
internal interface IStreamUser
{
    /// <summary>Whether the exchange is over and the next one of the stream has not begun.</summary>
    bool IsBetweenExchanges { get; }

    /// <summary>The application read or wrote something.</summary>
    void OnPassed();

    /// <summary>A read or a write of the application failed.</summary>
    void OnHandlersFailure(Exception thrown);

    /// <summary>What the application is told instead of a failure, where its own cancellation ended the stream.</summary>
    bool TryExplainGivenUp(Exception thrown, [NotNullWhen(true)] out Exception? explained);
}
