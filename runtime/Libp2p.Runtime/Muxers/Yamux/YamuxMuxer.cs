using Libp2p.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Yamux, <c>/yamux/1.0.0</c>: many streams over one byte link, each with its own window. Stateless and thread-safe; one serves all
/// connections of a node. What it promises beyond <see cref="IMuxer"/> is in docs/yamux.md.
/// </summary>
/// <param name="options">Bounds; <see cref="YamuxOptions.Default"/> when null.</param>
/// <param name="logger">Where sessions tell what they do; nowhere when null.</param>
/// <exception cref="ArgumentOutOfRangeException">An option makes no sense.</exception>
public sealed class YamuxMuxer(YamuxOptions? options = null, ILogger<YamuxMuxer>? logger = null) : IMuxer
{
    /// <summary>The id of Yamux.</summary>
    public static readonly ProtocolId ProtocolId = new("/yamux/1.0.0");

    private readonly YamuxOptions _options = (options ?? YamuxOptions.Default).Checked();
    private readonly ILogger _logger = logger ?? NullLogger<YamuxMuxer>.Instance;

    /// <inheritdoc/>
    public ProtocolId Id => ProtocolId;

    /// <inheritdoc/>
    public IMuxedConnection Attach(IByteLink link, MuxerContext context) => new YamuxConnection(link, context, _options, _logger);
}
