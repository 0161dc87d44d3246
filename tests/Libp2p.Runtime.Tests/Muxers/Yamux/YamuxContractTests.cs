using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

public sealed class YamuxContractTests : MuxerContract
{
    protected override ValueTask<MuxerPair> ConnectAsync() => new(YamuxPair.Connect());
}
