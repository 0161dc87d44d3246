using System.CommandLine;
using System.CommandLine.Parsing;
using Libp2p.Peer;
using Libp2p.Peer.Kit;

// The peer of the peer contract: one command line for a libp2p node under test, JSON lines on stdout.
PeerCommandLine commandLine = new();
ParseResult parsed = commandLine.Root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (ParseError error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("usage: peer listen|dial <multiaddr>|genkey|kit [options]");
    return ExitCode.WrongUsage;
}

if (parsed.Action is not null) // --help, --version
{
    return await parsed.InvokeAsync();
}

JsonLines output = new(Console.OpenStandardOutput());
try
{
    PeerOptions options = commandLine.Read(parsed);
    return parsed.CommandResult.Command.Name switch
    {
        "listen" => await ListenCommand.RunAsync(options, output),
        "kit" => await KitCommand.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput()),
        "dial" => await DialCommand.RunAsync(commandLine.Address(parsed), options, output),
        _ => await GenerateKeyCommand.RunAsync(options, output),
    };
}
catch (UnsupportedException e)
{
    output.Write("fatal", ("ok", false), ("error", e.Message), ("unsupported", e.What));
    return ExitCode.Unsupported;
}
catch (Exception e) when (e is IOException or ArgumentException or FormatException)
{
    output.Write("fatal", ("ok", false), ("error", e.Message));
    return ExitCode.Failed;
}
