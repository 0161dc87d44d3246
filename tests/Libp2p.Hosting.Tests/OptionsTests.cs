using System.Reflection;
using Libp2p.Hosting.Tests.Support;
using Libp2p.Limits;
using Libp2p.Node.State;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Libp2p.Hosting.Tests;

public sealed class OptionsTests
{
    [Fact]
    public async Task Configuration_says_where_to_listen_and_what_the_limits_are()
    {
        using IHost host = Configured(
            ("Libp2p:Listen:0", TestHost.Loopback),
            ("Libp2p:Listen:1", "/ip4/127.0.0.1/tcp/0"),
            ("Libp2p:DialTimeout", "00:00:07"),
            ("Libp2p:Limits:Connections", "12"));
        await host.StartAsync();

        NodeState state = host.Node().GetState();
        Libp2pOptions options = host.Services.GetRequiredService<IOptions<Libp2pOptions>>().Value;
        await host.StopAsync();

        Assert.Equal(2, state.Listening.Count);
        Assert.Equal(new ResourceLimits { Connections = 12 }, state.Limits);
        Assert.Equal(new NodeOptions { DialTimeout = TimeSpan.FromSeconds(7), Limits = state.Limits }, options.ToNodeOptions());
    }

    [Fact]
    public async Task All_errors_are_named_at_once_and_nothing_starts()
    {
        using IHost host = Configured(
            ("Libp2p:Listen:0", TestHost.Loopback),
            ("Libp2p:Listen:1", "/ip4/999.0.0.1/tcp/1"),
            ("Libp2p:Listen:2", "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"),
            ("Libp2p:KeyFile", " "),
            ("Libp2p:DialTimeout", "00:00:00"),
            ("Libp2p:DrainTimeout", "-00:00:01"),
            ("Libp2p:MaxDialAddresses", "0"),
            ("Libp2p:Limits:Streams", "-1"));

        OptionsValidationException invalid = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            ["Listen:1", "Listen:2", "KeyFile", "DialTimeout", "DrainTimeout", "MaxDialAddresses", "Limits:Streams"],
            invalid.Failures.Select(failure => failure.Split(' ')[0]));
        Assert.Null(host.Services.GetRequiredService<Libp2pHost>().NodeOrNull);
    }

    [Fact]
    public async Task A_key_that_means_nothing_fails_the_start_and_is_named()
    {
        using IHost host = Configured(("Libp2p:Limits:Conections", "12"));

        InvalidOperationException unknown = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("Conections", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_code_says_comes_after_what_configuration_says()
    {
        using IHost host = TestHost.Build(
            (services, configuration) => services.AddLibp2p(node => node
                .Configure(configuration.GetSection("Libp2p"))
                .Configure(options => options.Limits.Connections++)
                .ConfigureNode((_, builder) => builder.Handle(IGreet.Protocol, new Unserved()))),
            ("Libp2p:Limits:Connections", "12"));
        await host.StartAsync();

        NodeState state = host.Node().GetState();
        int protocols = host.Node().Handlers.Protocols.Count;
        await host.StopAsync();

        Assert.Equal(13, state.Limits.Connections);
        Assert.Equal(2, protocols);
    }

    /// <summary>A number that the node knows and configuration does not would go unseen: each has its place here, and arrives.</summary>
    [Fact]
    public void Every_option_of_a_node_can_be_configured()
    {
        Libp2pOptions options = new();
        Change(options, typeof(NodeOptions));
        Change(options.Limits, typeof(ResourceLimits));

        NodeOptions arrived = options.ToNodeOptions();

        AssertSame(options, arrived);
        AssertSame(options.Limits, arrived.Limits);
    }

    private static IEnumerable<PropertyInfo> Numbers(Type type) => type.GetProperties().Where(property => property.Name != nameof(NodeOptions.Limits) && property.CanWrite);

    private static void Change(object options, Type wanted)
    {
        foreach (PropertyInfo number in Numbers(wanted))
        {
            PropertyInfo option = options.GetType().GetProperty(number.Name) ?? throw new InvalidOperationException($"{options.GetType().Name} lacks {number.Name}");
            option.SetValue(options, option.GetValue(options) switch
            {
                int count => count + 1,
                long bytes => bytes + 1,
                bool choice => !choice,
                TimeSpan time => time + TimeSpan.FromSeconds(1),
                object value => throw new InvalidOperationException($"{number.Name}: a value of {value.GetType()}"),
                null => throw new InvalidOperationException($"{number.Name} is null"),
            });
        }
    }

    private static void AssertSame(object options, object arrived) => Assert.All(
        Numbers(arrived.GetType()), number => Assert.Equal(options.GetType().GetProperty(number.Name)!.GetValue(options), number.GetValue(arrived)));

    private static IHost Configured(params (string, string)[] configuration) => TestHost.Build(
        (services, settings) => services.AddLibp2p(node => node.Configure(settings.GetSection("Libp2p"))), configuration);

    private sealed class Unserved : IGreet
    {
        public ValueTask<string> GreetAsync(string name, CallContext context = default) => new(name);

        public IAsyncEnumerable<string> RepeatAsync(string word, CallContext context = default) => AsyncEnumerable.Empty<string>();
    }
}
