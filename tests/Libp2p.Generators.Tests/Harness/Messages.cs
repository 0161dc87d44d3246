namespace Libp2p.Generators.Tests.Harness;

/// <summary>Two messages as protoc generates them, as far as a compiler looks.</summary>
internal static class Messages
{
    public const string Source = """
        #nullable enable
        #pragma warning disable CS1591
        namespace Demo;

        public sealed class Note : Message<Note> { public static readonly global::Google.Protobuf.MessageParser<Note> Parser = new(() => new Note()); }

        public sealed class Receipt : Message<Receipt> { public static readonly global::Google.Protobuf.MessageParser<Receipt> Parser = new(() => new Receipt()); }

        public sealed class Handmade : Message<Handmade> { }

        public abstract class Message<T> : global::Google.Protobuf.IMessage<T>
            where T : Message<T>
        {
            global::Google.Protobuf.Reflection.MessageDescriptor global::Google.Protobuf.IMessage.Descriptor => null!;
            public void MergeFrom(global::Google.Protobuf.CodedInputStream input) { }
            public void MergeFrom(T message) { }
            public void WriteTo(global::Google.Protobuf.CodedOutputStream output) { }
            public int CalculateSize() => 0;
            public bool Equals(T? other) => ReferenceEquals(this, other);
            public T Clone() => (T)this;
        }
        """;
}
