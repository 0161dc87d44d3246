using Libp2p.Limits;

namespace Libp2p.Tests.Limits;

/// <summary>What an operation declares, held against what the node can hold.</summary>
public sealed class MessageCeilingTests
{
    [Theory]
    [InlineData(Size.MiB, 64)]
    [InlineData(16 * Size.MiB, 64)]
    [InlineData(30 * Size.MiB, 77)]
    [InlineData(96 * Size.MiB, 209)]
    [InlineData(200 * Size.MiB, 256)]
    public void By_default_a_connection_has_room_for_a_message_and_its_answer(int longest, int mebibytes)
    {
        MessageCeiling ceiling = new(new ResourceLimits());

        ceiling.Admit("/big", new OperationLimits { MaxRequest = longest, MaxResponse = longest });

        Assert.Equal((long)mebibytes * Size.MiB, ceiling.PerConnection);
    }

    [Fact]
    public void A_message_that_the_node_could_never_hold_is_refused_with_both_numbers()
    {
        MessageCeiling ceiling = new(new ResourceLimits());

        ArgumentException e = Assert.Throws<ArgumentException>(() => ceiling.Admit("/big", new OperationLimits { MaxResponse = 300 * Size.MiB }));

        Assert.Contains("/big", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{300 * Size.MiB}", e.Message, StringComparison.Ordinal);
        Assert.Contains($"Memory allows {256 * Size.MiB}", e.Message, StringComparison.Ordinal);
        Assert.Equal(64L * Size.MiB, ceiling.PerConnection);
    }

    [Fact]
    public void A_configured_ceiling_is_kept_and_refuses_what_it_could_not_hold()
    {
        MessageCeiling ceiling = new(new ResourceLimits { MemoryPerConnection = 64L * Size.MiB });

        ceiling.Admit("/fits", new OperationLimits { MaxRequest = 47 * Size.MiB });
        ArgumentException e = Assert.Throws<ArgumentException>(() => ceiling.Admit("/big", new OperationLimits { MaxSend = 96 * Size.MiB }));

        Assert.Contains("MemoryPerConnection", e.Message, StringComparison.Ordinal);
        Assert.Equal(64L * Size.MiB, ceiling.PerConnection);
    }

    [Fact]
    public void Short_messages_are_taken_whatever_the_ceilings()
    {
        MessageCeiling ceiling = new(new ResourceLimits { Memory = 1000, MemoryPerConnection = 100 });

        ceiling.Admit("/small", new OperationLimits());

        Assert.Equal(100, ceiling.PerConnection);
    }
}
