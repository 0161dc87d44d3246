using System.Runtime.CompilerServices;

namespace Libp2p.Hosting.Tests.Support;

/// <summary>A handler that stands on a service of its scope. The name decides what it does.</summary>
internal sealed class Greeter(Session session, Gate gate) : IGreet
{
    public async ValueTask<string> GreetAsync(string name, CallContext context = default)
    {
        switch (name)
        {
            case "fail":
                throw new InvalidOperationException("a bug");
            case "wait":
                gate.Reached.TrySetResult();
                await gate.Open.Task.WaitAsync(context.CancellationToken);
                break;
        }

        return $"hello {name} from {session.Number}";
    }

    public async IAsyncEnumerable<string> RepeatAsync(string word, CallContext context = default)
    {
        await foreach (string said in RepeatAsync(word, context.CancellationToken))
        {
            yield return said;
        }
    }

    private async IAsyncEnumerable<string> RepeatAsync(string word, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            yield return $"{word} from {session.Number}";
            await gate.Open.Task.WaitAsync(cancellationToken);
        }
    }
}

/// <summary>A handler that cannot be made.</summary>
internal sealed class Unmakable : IGreet
{
    public Unmakable(Session session) => throw new InvalidOperationException($"session {session.Number} has no database");

    public ValueTask<string> GreetAsync(string name, CallContext context = default) => new(name);

    public IAsyncEnumerable<string> RepeatAsync(string word, CallContext context = default) => AsyncEnumerable.Empty<string>();
}

/// <summary>Lets a test hold a call.</summary>
internal sealed class Gate
{
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One scope: counted, and seen when it ends.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly Sessions _all;

    public Session(Sessions all)
    {
        _all = all;
        Number = all.Begin();
    }

    public int Number { get; }

    public ValueTask DisposeAsync()
    {
        _all.End();
        return ValueTask.CompletedTask;
    }
}

/// <summary>All scopes of a host.</summary>
internal sealed class Sessions
{
    private int _begun;
    private int _ended;

    public int Begun => Volatile.Read(ref _begun);

    public int Ended => Volatile.Read(ref _ended);

    public int Begin() => Interlocked.Increment(ref _begun);

    public void End() => Interlocked.Increment(ref _ended);
}
