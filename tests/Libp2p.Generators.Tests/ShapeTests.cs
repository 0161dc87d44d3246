using System.Text.RegularExpressions;
using Libp2p.Generators.Tests.Harness;

namespace Libp2p.Generators.Tests;

/// <summary>Each shape, as generated code that was reviewed and that compiles without a warning.</summary>
public sealed class ShapeTests
{
    [Theory]
    [InlineData("Unary", "ValueTask<Receipt> SendAsync(Note note, CallContext context = default);")]
    [InlineData("OptionalReply", "ValueTask<Receipt?> SendAsync(Note note, CallContext context = default);")]
    [InlineData("OptionalValueReply", "ValueTask<ReadOnlyMemory<byte>?> FetchAsync(string key, CallContext context = default);")]
    [InlineData("Push", "ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("Pull", "ValueTask<Receipt> FetchAsync(CallContext context = default);")]
    [InlineData("ServerStream", "IAsyncEnumerable<Note> FollowAsync(Receipt from, CallContext context = default);")]
    [InlineData("ServerStreamWithoutRequest", "IAsyncEnumerable<Note> FollowAsync(CallContext context = default);")]
    [InlineData("ClientStream", "ValueTask PublishAsync(IAsyncEnumerable<Note> notes, CallContext context = default);")]
    [InlineData("ClientStreamWithResult", "ValueTask<Receipt> PublishAsync(IAsyncEnumerable<Note> notes, CallContext context = default);")]
    [InlineData("Duplex", "IAsyncEnumerable<Note> TalkAsync(IAsyncEnumerable<Note> said, CallContext context = default);")]
    [InlineData("Dialogue", "ValueTask AgreeAsync(Dialogue<Note, Receipt> dialogue, CallContext context = default);")]
    [InlineData("FirstThenDialogue", "ValueTask ConnectAsync(Note first, Dialogue<string, Receipt> rest, CallContext context = default);")]
    [InlineData("FirstThenDialogueFramed", "ValueTask ConnectAsync([Framing(Framing.Fixed, Size = 68)] ReadOnlyMemory<byte> handshake, Dialogue<Note, Note> rest, CallContext context = default);")]
    [InlineData("FirstThenRaw", "[Framing(Framing.Line)] ValueTask ConnectAsync(string greeting, P2PStream rest, CallContext context = default);")]
    [InlineData("MergedPull", "[Merge] ValueTask<Receipt> FetchAsync(CallContext context = default);")]
    [InlineData("MergedPush", "[Merge(MaxFrames = 3)] ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("Raw", "ValueTask PipeAsync(P2PStream stream, CallContext context = default);")]
    public void A_shape_is_generated(string name, string member)
    {
        GeneratorRun run = GeneratorRun.Of($$"""
            namespace Demo.Shapes;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0")]
            public partial interface IDemo
            {
                /// <summary>What the author says of it.</summary>
                {{member}}
            }
            """);

        Snapshot.Matches(name, run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void What_the_author_says_is_said_of_the_opener_in_its_terms()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0")]
            public partial interface IDemo
            {
                /// <summary>Connects to whom <paramref name="note"/> names; <paramref name="rest"/> carries the answers.</summary>
                /// <param name="note">Whom &amp; how.</param>
                /// <param name="rest">The answers.</param>
                /// <param name="call">How long
                /// at most.</param>
                /// <exception cref="TimeoutException">Nobody answered <paramref name="note"/>.</exception>
                [Id("a")]
                ValueTask ConnectAsync(Note note, Dialogue<Note, Receipt> rest, CallContext call = default);

                /// <summary>Counts.</summary>
                /// <returns>How many.</returns>
                [Id("b")]
                ValueTask<Receipt> CountAsync(IAsyncEnumerable<Note> notes, CallContext context = default);

                /// <summary>Talks of <paramref name="said"/>.</summary>
                /// <returns>What is answered.</returns>
                [Id("c"), PerPeer(1)]
                IAsyncEnumerable<Receipt> TalkAsync(IAsyncEnumerable<Note> said, CallContext context = default);

                /// <summary>A name that generated code has for something else.</summary>
                /// <param name="_streams">What.</param>
                /// <param name="rest">The answers.</param>
                /// <param name="context">How long at most.</param>
                [Id("d")]
                ValueTask HideAsync(Note _streams, Dialogue<Note, Receipt> rest, CallContext context = default);
            }
            """);

        Snapshot.Matches("Documented", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Lines_are_no_longer_than_their_longest_part()
    {
        string[] snapshots = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Snapshots"));
        Assert.NotEmpty(snapshots);
        Assert.All(snapshots.SelectMany(File.ReadLines), line => Assert.True(line.Length <= 140 || IsOnePart(line), line));

        static bool IsOnePart(string line) => !Regex.Replace(line, "<.*>", "").Contains(", ", StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_can_be_set_is_generated()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/{network=ipfs}/demo/2.0.0", "/{network=ipfs}/demo/1.0.0")]
            [Limits(MaxMessage = 2 * Size.KiB, MaxElements = 7, InboundPerPeer = 4), Connection(Limited = LimitedConnections.Allow)]
            [Framing(Framing.UInt32)]
            public partial interface IDemo
            {
                /// <summary>
                /// Takes <see cref="Note"/> and
                /// gives a receipt.
                /// </summary>
                [Id("send"), Limits(MaxRequest = 64, MaxSend = 48, ExchangeSeconds = 3, ReadSeconds = 2, OutboundPerPeer = 5, WhenFull = WhenFull.Refuse)]
                ValueTask<Receipt> SendAsync(Note note, CallContext context = default);

                /// <summary>Newer than the rest, and on connections of its own.</summary>
                [Id("talk"), Since("/{network=ipfs}/demo/2.0.0"), Limits(MaxMessage = 128, IdleSeconds = 300, ReadSeconds = Seconds.Unbounded)]
                [Connection(Relayed = RelayedConnections.Require, OpenedBy = ConnectionOpener.Listener), Framing(Framing.Line)]
                IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> said, CallContext context = default);

                /// <summary>A helper, which stays off the wire.</summary>
                ValueTask<Receipt> SendTwiceAsync(Note note) => SendAsync(note);
            }
            """);

        Snapshot.Matches("Everything", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Policies_are_generated()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A failure.</summary>
            public class QuotaException(string message, Exception? cause) : Exception(message, cause);

            /// <summary>A closer one, of which none can be made.</summary>
            public abstract class DiskQuotaException(string message) : QuotaException(message, null);

            /// <summary>One with a message.</summary>
            public sealed class BusyException(string message) : Exception(message);

            /// <summary>One with nothing.</summary>
            public sealed class GoneException : Exception;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0"), Access(Policy = "friends")]
            [ResetCode(0x10001, typeof(QuotaException)), ResetCode(0x10002, typeof(BusyException))]
            public partial interface IDemo
            {
                /// <summary>For others, and with codes of its own.</summary>
                [Id("send"), Access(Policy = "\"anybody\""), Idempotent]
                [ResetCode(0x20001, typeof(BusyException)), ResetCode(0x20002, typeof(DiskQuotaException)), ResetCode(0x20003, typeof(GoneException))]
                ValueTask SendAsync(Note note, CallContext context = default);

                /// <summary>For ever.</summary>
                [Id("publish"), PerPeer(1), Limits(OutboundPerPeer = 1)]
                ValueTask PublishAsync(IAsyncEnumerable<Note> notes, CallContext context = default);

                /// <summary>For ever, both ways.</summary>
                [Id("talk"), PerPeer(1)]
                IAsyncEnumerable<Receipt> TalkAsync(IAsyncEnumerable<Note> notes, CallContext context = default);
            }
            """);

        Snapshot.Matches("Policies", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void A_member_says_for_itself_who_may_call_and_adds_to_the_kinds_of_connection()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0"), Access(Policy = "friends"), Connection(Limited = LimitedConnections.Allow)]
            public partial interface IDemo
            {
                /// <summary>As the interface says.</summary>
                [Id("a")]
                ValueTask OneAsync(Note note, CallContext context = default);

                /// <summary>For anyone who dialled.</summary>
                [Id("b"), Access, Connection(OpenedBy = ConnectionOpener.Dialer)]
                ValueTask TwoAsync(Note note, CallContext context = default);

                /// <summary>Back to the defaults.</summary>
                [Id("c"), Access(Policy = null), Connection(Limited = LimitedConnections.Refuse)]
                ValueTask ThreeAsync(Note note, CallContext context = default);
            }
            """);

        const string allowed = "Connection = new(global::Libp2p.LimitedConnections.Allow, global::Libp2p.ConnectionOpener.";
        Assert.Equal(
            [allowed + "Either),", "AccessPolicy = \"friends\",", allowed + "Dialer),"],
            run.Text.Split('\n').Select(line => line.Trim()).Where(line => line.Contains("Connection = ", StringComparison.Ordinal) || line.Contains("AccessPolicy", StringComparison.Ordinal)));
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Codecs_are_chosen_by_type_and_attribute()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using System.Text.Json.Serialization;
            using System.Text.Json.Serialization.Metadata;

            namespace Demo;

            /// <summary>Told as JSON.</summary>
            public sealed record Weather(int Degrees);

            /// <summary>Told in a way of its own.</summary>
            public readonly record struct Tick(int Count);

            /// <summary>As the serializer's generator makes one.</summary>
            public sealed class WeatherContext : JsonSerializerContext
            {
                /// <summary>The one.</summary>
                public static WeatherContext Default { get; } = new();

                /// <inheritdoc/>
                protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;

                private WeatherContext() : base(null) { }

                /// <inheritdoc/>
                public override JsonTypeInfo? GetTypeInfo(Type type) => null;
            }

            /// <summary>A codec.</summary>
            public sealed class TickCodec : Libp2p.Codecs.MessageCodec<Tick>
            {
                /// <inheritdoc/>
                public override int GetSize(Tick message) => 4;

                /// <inheritdoc/>
                public override void Write(Tick message, IBufferWriter<byte> destination) { }

                /// <inheritdoc/>
                public override Tick Read(ReadOnlySequence<byte> source, int maxElements) => default;
            }

            /// <summary>A protocol.</summary>
            [Protocol("/weather/1.0.0"), Json<WeatherContext>]
            public partial interface IWeather
            {
                /// <summary>Own codec there, JSON back.</summary>
                [Id("a"), Codec<TickCodec>]
                ValueTask<Weather> OwnAsync(Tick tick, CallContext context = default);

                /// <summary>Text there, bytes back.</summary>
                [Id("b")]
                ValueTask<ReadOnlySequence<byte>> BytesAsync(string text, CallContext context = default);

                /// <summary>Nullable within, and perhaps nothing.</summary>
                [Id("c")]
                ValueTask<List<string?>?> ManyAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);

                /// <summary>Perhaps a value.</summary>
                [Id("d"), Codec<TickCodec>]
                ValueTask<Tick?> PerhapsAsync(Note note, CallContext context = default);
            }
            """);

        Snapshot.Matches("Codecs", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Operations_on_one_id_are_told_apart_by_a_discriminator()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0", Discriminator = nameof(Letter.Type)), Reuse]
            public partial interface IDemo
            {
                /// <summary>Answered with another value.</summary>
                [On(Kind.Ask, Reply = Kind.Reply)]
                ValueTask<Letter> AskAsync(Letter letter, CallContext context = default);

                /// <summary>Perhaps answered, with the same value.</summary>
                [On(Kind.@class)]
                ValueTask<Letter?> PerhapsAsync(Letter letter, CallContext context = default);

                /// <summary>Not answered, and by number.</summary>
                [On(7)]
                ValueTask TellAsync(Letter letter, CallContext context = default);
            }
            """);

        Snapshot.Matches("Discriminator", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Messages_of_one_operation_carry_a_discriminator()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0", Discriminator = nameof(Letter.Type))]
            public partial interface IDemo
            {
                /// <summary>Each message has a value of its sender's.</summary>
                [Id("agree")]
                ValueTask AgreeAsync(Dialogue<Letter, Card> dialogue, CallContext context = default);

                /// <summary>Each message has this value.</summary>
                [Id("connect"), On(Kind.Tell, Reply = Kind.Reply)]
                ValueTask ConnectAsync(Letter first, Dialogue<Card, Letter> rest, CallContext context = default);
            }
            """);

        Snapshot.Matches("DiscriminatorInDialogue", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Members_of_an_envelope_are_wrapped_and_tell_operations_apart()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0"), Envelope<Parcel>]
            public partial interface IDemo
            {
                /// <summary>Answered with one of two members.</summary>
                ValueTask<IAnswer> AskAsync(Note note, CallContext context = default);

                /// <summary>A dialogue of a member and whatever the envelope holds.</summary>
                ValueTask AgreeAsync(Yes first, Dialogue<No, Parcel> rest, CallContext context = default);
            }
            """);

        Snapshot.Matches("Envelope", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void Nested_interfaces_and_keywords_are_generated()
    {
        GeneratorRun run = GeneratorRun.Of("""
            #pragma warning disable CS1591
            namespace Demo.@event
            {
                public partial class Outer
                {
                    internal partial record struct @class
                    {
                        [Protocol("/demo/1.0.0", "/demo/<0>&\"0\"")]
                        internal partial interface @interface
                        {
                            [Id("@")]
                            ValueTask<Receipt> @event(Note @params, CallContext @default = default);

                            [Id("raw")]
                            ValueTask @lock(P2PStream @stream, CallContext @context);
                        }
                    }
                }
            }
            """);

        Snapshot.Matches("Nested", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void The_global_namespace_will_do()
    {
        GeneratorRun run = GeneratorRun.Of("""
            [Protocol("/demo/1.0.0"), Reuse(IdleSeconds = 9), Framing(Framing.Fixed, Size = 32)]
            internal partial interface IDemo
            {
                ValueTask<ReadOnlyMemory<byte>> PingAsync(ReadOnlyMemory<byte> payload, CallContext context = default);
            }
            """);

        Snapshot.Matches("Global", run.Text);
        Assert.Empty(run.Problems());
    }

    [Fact]
    public void What_is_obsolete_draws_no_warning_in_generated_code()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            /// <summary>A protocol.</summary>
            [Protocol("/demo/1.0.0")]
            public partial interface IDemo
            {
                /// <summary>Do not.</summary>
                [Obsolete("Use something else.")]
                ValueTask SendAsync(Note note, CallContext context = default);
            }
            """);

        Assert.Contains("[global::System.Obsolete]", run.Text, StringComparison.Ordinal);
        Assert.Empty(run.Problems());
    }
}
