using System.Diagnostics.Metrics;
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
    IEnumerable<NodeConfiguration> configurations) : IHostedService, IAsyncDisposable
{
    private readonly TimeProvider _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly ILoggerFactory _logging = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
    private PrivateKey? _key;
    private Libp2pNode? _node;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
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
            foreach (string address in options.Value.Listen)
            {
                await _node.ListenAsync(Multiaddress.Parse(address), cancellationToken);
            }

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
        if (_node is not null)
        {
            await _node.StopAsync(cancellationToken); // within DrainTimeout
        }

        await DisposeAsync();
    }

    /// <summary>Ends the node without patience, where the host is disposed of and was not stopped. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        host.Ended("has ended with its host");
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

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
