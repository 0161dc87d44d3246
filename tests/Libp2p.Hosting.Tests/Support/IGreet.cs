namespace Libp2p.Hosting.Tests.Support;

/// <summary>What the hosts of these tests serve.</summary>
[Protocol("/greet/1.0.0")]
[Limits(MaxMessage = 1024, ExchangeSeconds = 60)]
public partial interface IGreet
{
    /// <summary>A greeting.</summary>
    [Id("greet")]
    ValueTask<string> GreetAsync(string name, CallContext context = default);

    /// <summary>Says the word until the caller has heard enough.</summary>
    [Id("repeat")]
    IAsyncEnumerable<string> RepeatAsync(string word, CallContext context = default);
}
