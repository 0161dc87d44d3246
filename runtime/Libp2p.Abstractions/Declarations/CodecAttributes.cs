using System.Text.Json.Serialization;

namespace Libp2p;

/// <summary>Messages that are no protobuf, bytes or text are encoded as JSON, by System.Text.Json's source generation.</summary>
/// <typeparam name="TContext">The serializer context that knows the message types.</typeparam>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class JsonAttribute<TContext> : Attribute
    where TContext : JsonSerializerContext;

/// <summary>Messages of the codec's type are encoded by a codec of the author's own.</summary>
/// <typeparam name="TCodec">A <see cref="Codecs.MessageCodec{T}"/> with a parameterless constructor; one instance serves all streams.</typeparam>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true)]
public sealed class CodecAttribute<TCodec> : Attribute
    where TCodec : class, new();
