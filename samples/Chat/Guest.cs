using System.Threading.Channels;
using Libp2p;

namespace Chat;

/// <summary>Somebody in a room. One who reads too slowly misses the oldest messages: what a remote can make grow has a bound.</summary>
internal sealed class Guest(Room room, PeerId? peer, string name)
{
    private readonly Channel<ChatMessage> _heard = Channel.CreateBounded<ChatMessage>(
        new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });

    public PeerId? Peer => peer;

    public string Name => name;

    /// <summary>What the guest is to hear; ends when the guest has left.</summary>
    public IAsyncEnumerable<ChatMessage> Heard => _heard.Reader.ReadAllAsync();

    public void Tell(ChatMessage message) => _heard.Writer.TryWrite(message);

    /// <summary>Takes what the guest says to the room, until the guest leaves: in order, or because the stream has ended.</summary>
    public async Task SayAsync(IAsyncEnumerable<ChatMessage> said, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ChatMessage message in said.WithCancellation(cancellationToken))
            {
                room.Tell(new ChatMessage { From = name, Text = message.Text }, except: this);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or Libp2pException)
        {
            // Whatever ended the stream, the guest is gone; it is the call's own result as well.
        }
        finally
        {
            room.Leave(this);
            _heard.Writer.TryComplete();
        }
    }
}
