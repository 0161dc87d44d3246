namespace Libp2p.Tests.Calls;

internal class QuotaException(string message, Exception? cause = null) : Exception(message, cause);

internal sealed class DiskQuotaException(string message) : QuotaException(message);

internal sealed class BusyException() : Exception("Busy");

/// <summary>Of which none can be made from a code.</summary>
internal abstract class SilentException(string message) : Exception(message);

internal sealed class VerySilentException() : SilentException("Silence");

/// <summary>Failures with codes, and callers that a policy admits.</summary>
[Protocol("/guarded/1.0.0"), Access(Policy = "friends")]
[ResetCode(0x10001, typeof(QuotaException)), ResetCode(0x10002, typeof(BusyException)), ResetCode(0x10003, typeof(SilentException))]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface IGuarded
{
    [Id("ask")]
    ValueTask<string> AskAsync(string question, CallContext context = default);

    [Id("own"), Access(Policy = "family"), ResetCode(0x20001, typeof(QuotaException)), ResetCode(0x20002, typeof(DiskQuotaException))]
    ValueTask<string> OwnAsync(string question, CallContext context = default);

    [Id("list")]
    IAsyncEnumerable<string> ListAsync(string question, CallContext context = default);

    [Id("pour")]
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("sum")]
    ValueTask<string> SumAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("agree")]
    ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default);

    [Id("pipe")]
    ValueTask PipeAsync(P2PStream stream, CallContext context = default);
}

/// <summary>Failures with codes on a stream that is kept.</summary>
[Protocol("/guarded/again/1.0.0"), Reuse, ResetCode(0x10001, typeof(QuotaException))]
[Limits(MaxMessage = 100, ExchangeSeconds = 10, IdleSeconds = 30)]
internal partial interface IGuardedAgain
{
    ValueTask<string> AskAsync(string question, CallContext context = default);
}

/// <summary>A responder that fails, wherever it is called.</summary>
internal sealed class Guarded(Exception failure) : IGuarded, IGuardedAgain
{
    public int Calls { get; private set; }

    public ValueTask<string> AskAsync(string question, CallContext context = default)
    {
        Calls++;
        return question == "fine" ? new(question) : throw failure;
    }

    public ValueTask<string> OwnAsync(string question, CallContext context = default) => throw failure;

    public async IAsyncEnumerable<string> ListAsync(string question, CallContext context = default)
    {
        yield return "first";
        await Task.Yield();
        throw failure;
    }

    public async ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default)
    {
        await messages.GetAsyncEnumerator(context.CancellationToken).MoveNextAsync(); // and does not refuse the rest first
        throw failure;
    }

    public async ValueTask<string> SumAsync(IAsyncEnumerable<string> messages, CallContext context = default)
    {
        await PourAsync(messages, context);
        return "";
    }

    public async ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default)
    {
        await dialogue.ReceiveAsync();
        throw failure;
    }

    public ValueTask PipeAsync(P2PStream stream, CallContext context = default)
    {
        stream.Detach();
        throw failure;
    }
}
