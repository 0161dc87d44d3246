using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting.Tests.Support;

/// <summary>Real hosts, without files of settings and without a console.</summary>
internal static class TestHost
{
    public const string Loopback = "/ip4/127.0.0.1/tcp/0";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A host that serves <see cref="IGreet"/> and listens; not started.</summary>
    public static IHost Greeting(ServiceLifetime lifetime, Action<IServiceCollection>? more = null) => Build(services =>
    {
        services.AddLibp2p(node => node.Listen(Loopback).Handle<IGreet, Greeter>(IGreet.Protocol, lifetime));
        more?.Invoke(services);
    });

    /// <summary>A host with these services; not started.</summary>
    public static IHost Build(Action<IServiceCollection> services) => Build((collection, _) => services(collection));

    /// <summary>A host with these services, which may read the configuration; not started.</summary>
    public static IHost Build(Action<IServiceCollection, IConfiguration> services, params (string Key, string Value)[] configuration)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(configuration.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Services.AddSingleton<Sessions>().AddSingleton<Gate>();
        builder.Services.AddScoped<Session>();
        builder.Services.AddSingleton<LogLines>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LogLines>());
        services(builder.Services, builder.Configuration);
        return builder.Build();
    }

    public static Libp2pNode Node(this IHost host) => host.Services.GetRequiredService<Libp2pNode>();

    /// <summary>A client of the host from another node.</summary>
    public static ValueTask<IGreet> ClientAsync(this Libp2pNode caller, IHost host) => caller.ConnectAsync(IGreet.Protocol, host.Node().Addresses[0]);
}

/// <summary>What a host logs.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
        {
            _lines.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }
}
