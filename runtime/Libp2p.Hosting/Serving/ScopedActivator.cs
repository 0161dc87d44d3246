using Microsoft.Extensions.DependencyInjection;

namespace Libp2p.Hosting;

/// <summary>Serves each stream with an implementation of a scope of its own.</summary>
internal sealed class ScopedActivator<T, THandler>(IServiceScopeFactory scopes, ServedCalls calls) : IHandlerActivator<T>
    where T : class
    where THandler : class, T
{
    public async ValueTask<HandlerActivation<T>> ActivateAsync(P2PStream stream)
    {
        calls.Enter();
        CallScope scope = new(scopes.CreateAsyncScope(), calls);
        try
        {
            return new HandlerActivation<T>(scope.Services.GetRequiredService<THandler>(), scope);
        }
        catch
        {
            await scope.DisposeAsync();
            throw;
        }
    }

    private sealed class CallScope(AsyncServiceScope scope, ServedCalls calls) : IAsyncDisposable
    {
        public IServiceProvider Services => scope.ServiceProvider;

        public async ValueTask DisposeAsync()
        {
            try
            {
                await scope.DisposeAsync();
            }
            finally
            {
                calls.Leave();
            }
        }
    }
}
