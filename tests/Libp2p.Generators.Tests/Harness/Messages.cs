namespace Libp2p.Generators.Tests.Harness;

/// <summary>Messages as protoc generates them, as far as a compiler looks.</summary>
internal static class Messages
{
    public const string Source = """
        #nullable enable
        #pragma warning disable CS1591
        namespace Demo;

        public sealed class Note : Message<Note> { public static readonly global::Google.Protobuf.MessageParser<Note> Parser = new(() => new Note()); }

        public sealed class Receipt : Message<Receipt> { public static readonly global::Google.Protobuf.MessageParser<Receipt> Parser = new(() => new Receipt()); }

        public sealed class Handmade : Message<Handmade> { }

        public enum Kind { Ask = 0, Tell = 1, Reply = 2, @class = 3 }

        public sealed class Letter : Message<Letter>
        {
            public static readonly global::Google.Protobuf.MessageParser<Letter> Parser = new(() => new Letter());
            public const int TypeFieldNumber = 1;
            public Kind Type { get; set; }
            public bool HasType => true;
            public const int BareFieldNumber = 2;
            public Kind Bare { get; set; }
            public const int TextFieldNumber = 3;
            public string Text { get; set; } = "";
            public bool HasText => true;
            public Kind Unnumbered { get; set; }
            public const int SizeFieldNumber = 5;
            public uint Size { get; set; }
            public bool HasSize => true;
        }

        public sealed class Card : Message<Card>
        {
            public static readonly global::Google.Protobuf.MessageParser<Card> Parser = new(() => new Card());
            public const int TypeFieldNumber = 9;
            public Kind Type { get; set; }
            public bool HasType => true;
        }

        public interface IAnswer { }

        public sealed partial class Yes : Message<Yes>, IAnswer { public static readonly global::Google.Protobuf.MessageParser<Yes> Parser = new(() => new Yes()); }

        public sealed partial class No : Message<No>, IAnswer { public static readonly global::Google.Protobuf.MessageParser<No> Parser = new(() => new No()); }

        public sealed class Parcel : Message<Parcel>
        {
            public static readonly global::Google.Protobuf.MessageParser<Parcel> Parser = new(() => new Parcel());
            public const int NoteFieldNumber = 1;
            public Note? Note { get; set; }
            public const int YesFieldNumber = 2;
            public Yes? Yes { get; set; }
            public const int NoFieldNumber = 3;
            public No? No { get; set; }
            public const int OneFieldNumber = 4;
            public Receipt? One { get; set; }
            public const int TwoFieldNumber = 5;
            public Receipt? Two { get; set; }
            public const int TextFieldNumber = 6;
            public string Text { get; set; } = "";
            public enum ContentOneofCase { None = 0, Note = 1, Yes = 2, No = 3, One = 4, Two = 5, Text = 6 }
        }

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
