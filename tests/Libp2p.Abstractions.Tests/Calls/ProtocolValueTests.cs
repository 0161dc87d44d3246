namespace Libp2p.Tests.Calls;

/// <summary>A protocol's value: which settings each of its operations has, and what variants of the value change.</summary>
public sealed class ProtocolValueTests
{
    [Fact]
    public void Each_operation_has_its_settings_by_name_and_by_itself() => Assert.All(
        ITalk.Protocol.Operations, operation => Assert.Same(ITalk.Protocol.Settings(operation.Name), ITalk.Protocol.Settings(operation)));

    [Fact]
    public void Limits_of_one_operation_change_no_other()
    {
        Protocol<ITalk> changed = ITalk.Protocol.With("Ask", limits => limits with { MaxRequest = 7 });

        Assert.Equal(7, changed.Settings("Ask").Limits.MaxRequest);
        Assert.All(
            ITalk.Protocol.Operations.Where(operation => operation.Name != "Ask"),
            operation => Assert.Equal(ITalk.Protocol.Settings(operation).Limits, changed.Settings(operation).Limits));
    }

    [Fact]
    public void An_operation_that_there_is_not_is_named_with_those_there_are()
    {
        ArgumentException asked = Assert.Throws<ArgumentException>(() => ITalk.Protocol.Settings("Sing"));
        ArgumentException changed = Assert.Throws<ArgumentException>(() => ITalk.Protocol.With("Sing", limits => limits));

        Assert.Equal(asked.Message.Split('(')[0], changed.Message.Split('(')[0]);
        Assert.Contains("ITalk has no operation 'Sing'. It has Ask, ", asked.Message, StringComparison.Ordinal);
    }
}
