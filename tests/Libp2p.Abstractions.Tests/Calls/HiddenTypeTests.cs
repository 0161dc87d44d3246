using System.ComponentModel;
using System.Reflection;
using Libp2p.Codecs;

namespace Libp2p.Tests.Calls;

/// <summary>What generated code alone names does not stand among what users look for.</summary>
public sealed class HiddenTypeTests
{
    [Fact]
    public void What_generated_code_alone_names_is_hidden_from_completion()
    {
        Type[] named = [typeof(OperationSettings), typeof(ProtocolDefinition<>), typeof(ResetCode), typeof(Codec), typeof(Discriminator<>), typeof(MessageFraming), typeof(MessageSelector)];
        IEnumerable<Type> operations = typeof(Operation).Assembly.GetExportedTypes().Where(type => type == typeof(Operation) || IsOperation(type));

        Assert.All(operations.Concat(named), type => Assert.Equal(EditorBrowsableState.Never, type.GetCustomAttribute<EditorBrowsableAttribute>()?.State));
    }

    private static bool IsOperation(Type type) => type.BaseType is { } above && (above == typeof(Operation) || IsOperation(above));
}
