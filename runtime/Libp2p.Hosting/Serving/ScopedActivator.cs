using Microsoft.Extensions.DependencyInjection;

namespace Libp2p.Hosting;

/// <summary>Serves each stream with an implementation of a scope of its own.</summary>
internal sealed class ScopedActivator<T, THandler>(IServiceScopeFactory scopes) : IHandlerActivator<T>
    where T : class
    where THandler : class, T
{
    public async ValueTask<HandlerActivation<T>> ActivateAsync(P2PStream stream)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        try
        {
            return new HandlerActivation<T>(scope.ServiceProvider.GetRequiredService<THandler>(), scope);
        }
        catch
        {
            await scope.DisposeAsync();
            throw;
        }
    }
}
