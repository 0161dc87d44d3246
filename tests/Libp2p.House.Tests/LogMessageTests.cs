using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Libp2p.House.Tests;

/// <summary>What the libraries log, as those see it who filter logs by event and read them.</summary>
public sealed class LogMessageTests
{
    private static readonly MethodInfo[] s_messages =
    [
        .. PublicApiTests.Libraries.Select(library => Assembly.LoadFrom((string)library[1]))
            .SelectMany(library => library.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null),
    ];

    [Fact]
    public void Each_event_has_an_id_of_its_own()
    {
        string[] shared = [.. s_messages
            .GroupBy(method => method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId)
            .Where(messages => messages.Count() > 1)
            .Select(messages => $"{messages.Key}: {string.Join(", ", messages.Select(Name))}")];

        Assert.NotEmpty(s_messages);
        Assert.Empty(shared);
    }

    /// <summary>Loggers print a sequence item by item, separated by commas: a Multiaddress is one.</summary>
    [Fact]
    public void No_message_is_given_a_sequence()
    {
        string[] garbled = [.. s_messages
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType != typeof(string) && parameter.ParameterType.IsAssignableTo(typeof(IEnumerable))))
            .Select(Name)];

        Assert.Empty(garbled);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
