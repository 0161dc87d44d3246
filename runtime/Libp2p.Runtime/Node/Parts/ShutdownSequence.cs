using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>Ends one thing after the other, whatever each of them throws: what follows a failure is ended all the same.</summary>
internal sealed class ShutdownSequence(ILogger log)
{
    private ExceptionDispatchInfo? _first;

    /// <summary>Runs a step. What it throws is logged, and kept if it is the first.</summary>
    /// <param name="what">What the step ends, for the log.</param>
    /// <param name="step">The step.</param>
    public async ValueTask RunAsync(string what, Func<ValueTask> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) // services, listeners and transports are anybody's
        {
            NodeLog.EndFailed(log, what, e);
            _first ??= ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>Throws the first failure, when all steps have run.</summary>
    public void ThrowIfFailed() => _first?.Throw();
}
