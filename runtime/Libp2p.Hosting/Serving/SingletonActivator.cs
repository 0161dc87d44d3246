namespace Libp2p.Hosting;

/// <summary>Serves every stream with one implementation.</summary>
internal sealed class SingletonActivator<T>(T handler, ServedCalls calls) : IHandlerActivator<T>
    where T : class
{
    public ValueTask<HandlerActivation<T>> ActivateAsync(P2PStream stream)
    {
        calls.Enter();
        return new(new HandlerActivation<T>(handler, new Place(calls)));
    }

    private sealed class Place(ServedCalls calls) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            calls.Leave();
            return ValueTask.CompletedTask;
        }
    }
}
