namespace Libp2p.Generators.Tests.Mutations;

/// <summary>Sound declarations that together use everything there is.</summary>
internal static class Corpus
{
    /// <summary>What the declarations use besides the harness's messages; it is not mutated.</summary>
    public const string Support = """
        #pragma warning disable CS1591
        namespace Demo;

        public sealed class NoteCodec : Libp2p.Codecs.MessageCodec<Note>
        {
            public override int GetSize(Note message) => 4;
            public override void Write(Note message, IBufferWriter<byte> destination) { }
            public override Note Read(ReadOnlySequence<byte> source, int maxElements) => new();
        }

        public sealed class OtherCodec : Libp2p.Codecs.MessageCodec<Note>
        {
            public override int GetSize(Note message) => 4;
            public override void Write(Note message, IBufferWriter<byte> destination) { }
            public override Note Read(ReadOnlySequence<byte> source, int maxElements) => new();
        }

        public sealed class Context : System.Text.Json.Serialization.JsonSerializerContext
        {
            public static Context Default { get; } = new();
            protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
            private Context() : base(null) { }
            public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        public class QuotaException(string message, Exception? cause) : Exception(message, cause);

        public sealed class BusyException : Exception;

        public interface IHelpers { int Protocol2 => 1; }
        """;

    public static readonly string[] Declarations =
    [
        """
        namespace Demo;

        /// <summary>All shapes.</summary>
        [Protocol("/a/1.1.0", "/a/1.0.0")]
        [Limits(MaxMessage = 2 * Size.KiB, ExchangeSeconds = 3)]
        public partial interface IDemo
        {
            /// <summary>One <see cref="Note"/>.</summary>
            [Id("send"), Limits(MaxRequest = 64, WhenFull = WhenFull.Refuse)]
            ValueTask<Receipt?> SendAsync(Note note, CallContext context = default);

            [Id("push"), Since("/a/1.1.0")]
            ValueTask PushAsync(Note note, CallContext context = default);

            [Id("pull"), Framing(Framing.None)]
            ValueTask<Receipt> PullAsync(CallContext context = default);

            [Id("follow")]
            IAsyncEnumerable<Note> FollowAsync(Receipt from, CallContext context = default);

            [Id("publish")]
            ValueTask<Receipt> PublishAsync(IAsyncEnumerable<Note> notes, CallContext context = default);

            [Id("talk"), Framing(Framing.UInt32)]
            IAsyncEnumerable<Note> TalkAsync(IAsyncEnumerable<Note> said, CallContext context = default);

            [Id("agree")]
            ValueTask AgreeAsync(Dialogue<Note, Receipt> dialogue, CallContext context = default);

            [Id("pipe"), Connection(Relayed = RelayedConnections.Require, OpenedBy = ConnectionOpener.Listener)]
            ValueTask PipeAsync(P2PStream stream, CallContext context = default);

            int Helper(int i) => i + 1;
        }
        """,
        """
        namespace Demo
        {
            public partial class Outer
            {
                internal partial record struct Middle
                {
                    [Protocol("/{network=ipfs}/{value=a/b}/kad/1.0.0"), Reuse(IdleSeconds = 9)]
                    internal partial interface @interface
                    {
                        [Id("@")]
                        ValueTask<Receipt> @event(Note @params, CallContext @default = default);

                        [Id("b"), Codec<NoteCodec>]
                        ValueTask Two(Note note, CallContext context);
                    }
                }
            }
        }
        """,
        """
        [Protocol("/codecs"), Json<Demo.Context>, Framing(Framing.Fixed, Size = 32)]
        partial interface ICodecs
        {
            [Id("a")] ValueTask<string> TextAsync(ReadOnlyMemory<byte> bytes, CallContext context);
            [Id("b")] ValueTask<ReadOnlySequence<byte>?> BytesAsync(List<string?> text, CallContext context);
            [Id("c")] IAsyncEnumerable<(int A, object? B)> ManyAsync(Dictionary<string, Demo.Note[]> map, CallContext context);
        }

        partial interface ICodecs
        {
            [Id("d"), Obsolete("Do not.")] ValueTask<int> OldAsync(string text, CallContext context);
            const int Max = 3;
            static int Count => Max;
        }
        """,
        """
        namespace Demo;

        /// <summary>By value.</summary>
        [Protocol("/by-value/1.0.0", Discriminator = nameof(Letter.Type))]
        public partial interface IByValue
        {
            [On(Kind.Ask, Reply = Kind.Reply)] ValueTask<Letter> OneAsync(Letter request, CallContext context = default);
            [On(Kind.Tell)] ValueTask TwoAsync(Letter request, CallContext context = default);
            [On(Kind.@class)] ValueTask RestAsync(Letter request, Dialogue<Letter, Letter> rest, CallContext context = default);
            [On(4)] ValueTask BytesAsync(Letter request, P2PStream rest, CallContext context = default);
            [On(5)] IAsyncEnumerable<Card> ManyAsync(Letter request, CallContext context = default);
        }

        /// <summary>By case.</summary>
        [Protocol("/by-case/1.0.0"), Envelope<Parcel>]
        public partial interface IByCase
        {
            ValueTask<IAnswer> OneAsync(Note request, CallContext context = default);
            ValueTask TwoAsync(Yes request, Dialogue<Parcel, IAnswer> rest, CallContext context = default);
        }

        [Protocol("/after/1.0.0")]
        public partial interface IAfter
        {
            [Id("a")] ValueTask OneAsync([Framing(Framing.UInt16)] Note first, Dialogue<Note, string> rest, CallContext context = default);
            [Id("b")] ValueTask TwoAsync([Framing(Framing.Fixed, Size = 8)] ReadOnlyMemory<byte> first, P2PStream rest, CallContext context = default);
        }

        [Protocol("/merged/1.0.0")]
        public partial interface IMerged
        {
            [Id("a"), Merge(MaxFrames = 3)] ValueTask<Note> FetchAsync(CallContext context = default);
            [Id("b"), Limits(InboundPerPeer = 1)] ValueTask ReceiveAsync(IAsyncEnumerable<Note> notes, CallContext context = default);
            [Id("c")] ValueTask SendAsync(Note note, CallContext context = default);
        }
        """,
        """
        namespace Demo;

        /// <summary>Policies.</summary>
        [Protocol("/{n=a}/1", "/{n=a}/0"), Access(Policy = "friends"), ResetCode(0x10001, typeof(QuotaException))]
        [Connection(Limited = LimitedConnections.Allow)]
        public partial interface IGuarded : IHelpers
        {
            /// <summary>Sends <paramref name="note"/>.</summary>
            /// <param name="note">What.</param>
            /// <exception cref="BusyException">Not now.</exception>
            [Id("send"), Access, ResetCode(0x10002, typeof(BusyException)), Connection(OpenedBy = ConnectionOpener.Dialer)]
            ValueTask SendAsync(Note note, CallContext context = default);

            /// <summary>For ever.</summary>
            [Id("publish"), PerPeer(1)]
            ValueTask PublishAsync(IAsyncEnumerable<Note> protocol, CallContext c = default);

            /// <summary>For ever, both ways.</summary>
            /// <returns>What <paramref name="hello"/> is answered with.</returns>
            [Id("talk"), PerPeer(1)]
            IAsyncEnumerable<Receipt> TalkAsync(IAsyncEnumerable<Note> hello, CallContext context = default);

            /// <summary>First.</summary>
            /// <param name="asked">Of <see cref="Note"/> &amp; more.
            /// Much more.</param>
            [Id("first")]
            ValueTask FirstAsync(Note asked, Dialogue<Note, Receipt> rest, CallContext context = default);
        }
        """,
    ];
}
