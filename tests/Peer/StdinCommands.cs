using System.Text.Json;
using System.Text.Json.Nodes;
using Libp2p.Peer.Actions;

namespace Libp2p.Peer;

/// <summary>Commands on stdin, a JSON object a line; each is answered when it is done, so that slow ones do not hold up others.</summary>
internal sealed class StdinCommands(PeerNode node, Action stop, bool stopAtEnd)
{
    // An object with a name twice would throw later, when it is looked into.
    private static readonly JsonDocumentOptions s_noDuplicates = new() { AllowDuplicateProperties = false };

    /// <summary>Reads until the end of stdin. Runs on a thread of its own, as the console has no asynchronous reading.</summary>
    public void Run()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.Length > 0 && !Start(line))
            {
                break;
            }
        }

        if (stopAtEnd)
        {
            stop();
        }
    }

    private bool Start(string line)
    {
        JsonObject? command;
        try
        {
            command = JsonNode.Parse(line, documentOptions: s_noDuplicates) as JsonObject;
        }
        catch (JsonException e)
        {
            node.Output.Write("reply", ("ok", false), ("error", $"not JSON: {e.Message}"));
            return true;
        }

        if (command?["cmd"] is not JsonValue cmd || !cmd.TryGetValue(out string? name))
        {
            node.Output.Write("reply", ("ok", false), ("error", "a command is an object with \"cmd\""));
            return true;
        }

        if (name == "stop")
        {
            stop();
            return false;
        }

        ThreadPool.QueueUserWorkItem(async _ => await AnswerAsync(name, command));
        return true;
    }

    private async Task AnswerAsync(string name, JsonObject command)
    {
        JsonObject reply = [];
        if (command["id"] is { } id)
        {
            reply["id"] = id.DeepClone();
        }

        reply["cmd"] = name;
        foreach ((string field, JsonNode? value) in await PeerActions.PerformAsync(node, name, command))
        {
            reply[field] = value?.DeepClone();
        }

        node.Output.Write("reply", reply);
    }
}
