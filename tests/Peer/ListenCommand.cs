using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Libp2p.Peer.Actions;

namespace Libp2p.Peer;

/// <summary>Starts a node, says where, then reports events and takes commands until it is told to stop.</summary>
internal static class ListenCommand
{
    public static async Task<int> RunAsync(PeerOptions options, JsonLines output)
    {
        await using PeerNode node = await PeerNode.StartAsync(options, listening: true, output);
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        output.Write(
            "listening",
            ("peerId", node.Node.PeerId.ToString()),
            ("addrs", node.Addresses),
            ("protocols", node.Protocols),
            ("pid", Environment.ProcessId));
        StdinCommands commands = new(node, () => stopped.TrySetResult(), options.ExitOnEof);
        Thread reader = new(commands.Run) { IsBackground = true, Name = "stdin" };
        reader.Start();
        await stopped.Task;
        return ExitCode.Success;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.TrySetResult();
        }
    }
}

/// <summary>Connects and runs the actions in order; the first that fails ends it.</summary>
internal static class DialCommand
{
    public static async Task<int> RunAsync(string address, PeerOptions options, JsonLines output)
    {
        foreach (string action in options.Actions)
        {
            PeerActions.EnsureKnown(action);
        }

        if (address.Split(',').Any(one => Multiaddress.TryParse(one, out Multiaddress? parsed) && parsed.Any(part => part.Code == MultiaddressCode.Memory)))
        {
            throw new UnsupportedException("transport memory to another process");
        }

        await using PeerNode node = await PeerNode.StartAsync(options, listening: false, output);
        if (options.Stdin)
        {
            new Thread(new StdinCommands(node, () => { }, stopAtEnd: false).Run) { IsBackground = true, Name = "stdin" }.Start();
        }

        foreach (string action in options.Actions.Where(action => action != "dial").Prepend("dial"))
        {
            JsonObject arguments = (JsonObject)options.Arguments.DeepClone();
            arguments["peer"] = address;
            if (action != "dial")
            {
                arguments.Remove("force");
            }

            JsonObject result = await PeerActions.PerformAsync(node, action, arguments);
            JsonObject line = new() { ["do"] = action };
            foreach ((string name, JsonNode? value) in result)
            {
                line[name] = value?.DeepClone();
            }

            output.Write("result", line);
            if (!(bool)result["ok"]!)
            {
                return ExitCode.Failed;
            }
        }

        return ExitCode.Success;
    }
}

/// <summary>Writes a protobuf-encoded private key and prints its peer id.</summary>
internal static class GenerateKeyCommand
{
    public static async Task<int> RunAsync(PeerOptions options, JsonLines output)
    {
        string file = options.Out!; // the command line would not do without
        using PrivateKey key = await PeerNode.LoadKeyAsync(options);
        await key.SaveAsync(file);
        output.Write("key", ("file", file), ("type", key.PublicKey.Type.ToString()), ("peerId", key.PublicKey.PeerId.ToString()));
        return ExitCode.Success;
    }
}
