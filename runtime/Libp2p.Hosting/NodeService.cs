using System.Diagnostics.Metrics;
using Libp2p.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Libp2p.Hosting;

/// <summary>Starts the node with the host, and ends it with the host: streams that are open first have their time to end.</summary>
internal sealed class NodeService(
    IServiceProvider services,
    Libp2pHost host,
    IOptions<Libp2pOptions> options,
    IEnumerable<HandlerRegistration> handlers,
    IEnumerable<NodeConfiguration> configurations) : IHostedService, IAsyncDisposable, IDisposable
{
    private readonly TimeProvider _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly ILoggerFactory _logging = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
    private PrivateKey? _key;
    private Libp2pNode? _node;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ThreadPoolScheduler.Instance.Enter();
        try
        {
            ILogger log = _logging.CreateLogger<NodeService>();
            if (options.Value.KeyFile is { } file)
            {
                string root = services.GetService<IHostEnvironment>()?.ContentRootPath ?? Environment.CurrentDirectory;
                _key = await NodeKeyFile.OpenAsync(Path.GetFullPath(file, root), log, cancellationToken);
            }

            _node = await Libp2pNode.StartAsync(Configure, cancellationToken);
            host.Made(_node);
            await _node.ListenAsync([.. options.Value.Listen.Select(Multiaddress.Parse)], cancellationToken);

            HostingLog.Started(log, _node.PeerId);
            host.Started();
        }
        catch (Exception e)
        {
            host.Ended($"failed to start: {e.Message}", e);
            await DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await ThreadPoolScheduler.Instance.Enter();
        if (_node is not null)
        {
            await _node.StopAsync(cancellationToken); // within DrainTimeout
        }

        await DisposeAsync();
    }

    /// <summary>Ends the node without patience, where the host is disposed of and was not stopped. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        await ThreadPoolScheduler.Instance.Enter();
        host.Ended("has ended with its host");
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        _key?.Dispose();
    }

    /// <summary>
    /// As <see cref="DisposeAsync"/>, without waiting for the node's end: for a container that is disposed of synchronously. After
    /// <see cref="StopAsync"/> there is nothing to wait for.
    /// </summary>
    public void Dispose()
    {
        host.Ended("has ended with its host");
        _node?.Dispose();
        _key?.Dispose();
    }

    private void Configure(NodeBuilder node)
    {
        node.Time(_time).Logging(_logging).Options(options.Value.ToNodeOptions());
        if (services.GetService<IMeterFactory>() is { } meters)
        {
            node.Metrics(meters);
        }

        if (_key is not null)
        {
            node.Identity(_key);
        }

        foreach (HandlerRegistration handler in handlers)
        {
            foreach (StreamHandler stream in handler.CreateHandlers(services))
            {
                node.Handle(stream);
            }
        }

        foreach (NodeConfiguration configuration in configurations)
        {
            configuration.Apply(services, node);
        }
    }
}
