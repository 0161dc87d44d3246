using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Connections;

namespace Libp2p.Tests.Attacks;

/// <summary>One column of the matrix: a shape of call, how it is called by the rules, and what its messages look like on the wire.</summary>
/// <param name="Name">As the tables of <see cref="Expectations"/> call it.</param>
/// <param name="Id">What is negotiated.</param>
/// <param name="CallAsync">An exchange by the rules, as the initiator.</param>
internal sealed record Shape(string Name, ProtocolId Id, Func<Call, Task> CallAsync)
{
    /// <summary>What the messages are wrapped in.</summary>
    public Wrap Wrap { get; init; }

    /// <summary>Whether the attack comes after a message by the rules: in the dialogue, on the raw bytes, in the second exchange.</summary>
    public bool IsLater { get; init; }

    /// <summary>Whether the stream serves one exchange after another.</summary>
    public bool IsReused { get; init; }

    public override string ToString() => Name;
}

/// <summary>How a message says what it is.</summary>
internal enum Wrap
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By a field.</summary>
    Kind,

    /// <summary>By the case of an envelope.</summary>
    Envelope,
}

/// <summary>One call by the rules.</summary>
/// <param name="Connection">The connection it goes over.</param>
/// <param name="Parcel">What is sent.</param>
/// <param name="Time">How a caller takes its time; null: it takes none.</param>
/// <param name="Token">How it is given up.</param>
internal sealed record Call(IPeerConnection Connection, Parcel Parcel, TimeProvider? Time, CancellationToken Token = default)
{
    public IParcels Client => Connection.Client(IParcels.Protocol);

    /// <summary>The parcel, a second of thought, and the end.</summary>
    public async IAsyncEnumerable<Parcel> ItemsAsync([EnumeratorCancellation] CancellationToken token = default)
    {
        yield return Parcel;
        await ThinkAsync(token);
    }

    /// <summary>A second, in which whoever sent something unasked is heard.</summary>
    public Task ThinkAsync(CancellationToken token) => Time is null ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(1), Time, token);

    /// <summary>All that comes.</summary>
    public static async Task ListAsync(IAsyncEnumerable<Parcel> parcels)
    {
        await foreach (Parcel parcel in parcels)
        {
            Assert.NotNull(parcel);
        }
    }

    /// <summary>Writes, thinks, ends.</summary>
    public async Task WriteAsync(MessageWriter<Parcel> writer)
    {
        await using (writer)
        {
            await writer.WriteAsync(Parcel, Token);
            await ThinkAsync(Token);
            await writer.CompleteAsync(Token);
        }
    }

    /// <inheritdoc cref="WriteAsync(MessageWriter{Parcel})"/>
    public async Task WriteAsync(MessageWriter<Parcel, Parcel> writer)
    {
        await using (writer)
        {
            await writer.WriteAsync(Parcel, Token);
            await ThinkAsync(Token);
            await writer.CompleteAsync(Token);
        }
    }

    /// <summary>Goes on writing for longer than a broken stream is opened again.</summary>
    public async Task KeepWritingAsync(MessageWriter<Parcel> writer)
    {
        await using (writer)
        {
            await writer.WriteAsync(Parcel, Token);
            for (int second = 0; second < (Time is null ? 1 : 50); second++)
            {
                await ThinkAsync(Token);
                await writer.WriteAsync(new Parcel(), Token);
            }

            await writer.CompleteAsync(Token);
        }
    }

    /// <summary>Sends one unless it went first, and receives until the end.</summary>
    public async Task TalkAsync(Dialogue<Parcel, Parcel> dialogue, bool sends)
    {
        await using (dialogue)
        {
            if (sends)
            {
                await dialogue.SendAsync(Parcel, Token);
            }

            await dialogue.TryReceiveAsync(Token); // the answer: our direction is still open
            await ThinkAsync(Token);
            await dialogue.CompleteAsync(Token);
            while ((await dialogue.TryReceiveAsync(Token)).HasMessage)
            {
                // What it says is its responder's affair.
            }
        }
    }

    /// <summary>Sends bytes, and reads until the end.</summary>
    public async Task ReadAsync(P2PStream stream)
    {
        await using (stream)
        {
            stream.Output.Write<byte>([1, 2, 3]);
            await stream.CloseWriteAsync(Token);
            while (true)
            {
                ReadResult read = await stream.Input.ReadAsync(Token);
                stream.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
    }
}
