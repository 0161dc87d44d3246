using Libp2p.Codecs;

namespace Libp2p.Tests.Host;

/// <summary>A declaration, with what the generator would make of it, written by hand.</summary>
internal interface IAsk
{
    ValueTask<string> AskAsync(string question, CallContext context = default);

    /// <summary>Many exchanges on one stream.</summary>
    static Protocol<IAsk> Reused(OperationLimits limits) => new(new ProtocolDefinition<IAsk>
    {
        Name = nameof(IAsk),
        Ids = ["/ask/1.0.0"],
        ReuseIdle = TimeSpan.FromSeconds(5),
        Operations =
        [
            new UnaryOperation<IAsk, string, string>
            {
                Name = "Ask",
                Request = Codec.Text,
                Response = Codec.Text,
                Limits = limits,
                Handler = static (handler, question, context) => handler.AskAsync(question, context),
            },
        ],
        Client = static (_, _) => throw new NotSupportedException("The tests write by hand."),
    });
}

/// <summary>Answers with the question; the one that says "busy" waits.</summary>
internal sealed class Asked(Task release) : IAsk
{
    public async ValueTask<string> AskAsync(string question, CallContext context = default)
    {
        if (question == "busy")
        {
            await release;
        }

        return question;
    }
}
