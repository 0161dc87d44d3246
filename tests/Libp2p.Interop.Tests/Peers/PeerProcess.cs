using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Libp2p.Interop.Peers;

/// <summary>A peer that runs: its events as they come, commands to its stdin. Both of its outputs are read all the time.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    /// <summary>What anything asked of a peer may take at most; only a fault takes so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PeerProgram _program;
    private readonly Process _process;
    private readonly string _arguments;
    private readonly EventLog _events = new();
    private readonly Tail _output = new();
    private readonly Tail _errors = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Task _reading;
    private int _lastCommand;

    private PeerProcess(PeerProgram program, IEnumerable<string> arguments)
    {
        _program = program;
        _arguments = string.Join(' ', arguments);
        _process = Process.Start(new ProcessStartInfo(program.File, [.. program.Arguments, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _reading = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
    }

    /// <summary>Which implementation this is.</summary>
    public string Name => _program.Name;

    public IReadOnlyList<PeerEvent> Events => _events.Events;

    public string Errors => _errors.ToString();

    /// <summary>Its peer id; known once it listens.</summary>
    public string Id { get; private set; } = string.Empty;

    /// <summary>What is asked of this one may take longer, or less long.</summary>
    public TimeSpan Waits { get; set; } = Patience;

    /// <summary>Processor time of the process so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where it listens, complete with its peer id.</summary>
    public string Address { get; private set; } = string.Empty;

    public static PeerProcess Start(PeerProgram program, params IEnumerable<string> arguments) =>
        program.Absence is { } absence ? throw new PeerException(absence) : new PeerProcess(program, arguments);

    /// <summary>A node that listens. It ends by itself, should this process be killed.</summary>
    public static async Task<PeerProcess> ListenAsync(PeerProgram program, params IEnumerable<string> options)
    {
        PeerProcess peer = Start(program, ["listen", "--exit-on-eof", .. options]);
        try
        {
            PeerEvent started = await peer.FirstAsync("listening or fatal", happened => happened.Name is "listening" or "fatal");
            if (started.Name == "fatal")
            {
                throw new PeerException($"the {program.Name} peer did not start: {started}");
            }

            peer.Id = started.Text("peerId")!;
            peer.Address = started.Texts("addrs")[0];
            return peer;
        }
        catch (Exception e)
        {
            await peer.DisposeAsync();
            throw new PeerException($"{e.Message}\n{peer.Transcript}", e);
        }
    }

    /// <summary>The first event of that name which matches, of those that were (from number <paramref name="after"/> on) and those to come.</summary>
    public Task<PeerEvent> EventAsync(string name, Func<PeerEvent, bool>? matches = null, int after = 0) =>
        FirstAsync(name, happened => happened.Name == name && (matches is null || matches(happened)), after);

    /// <summary>The reply to a command, good or bad.</summary>
    public async Task<PeerEvent> AskAsync(string command, params (string Name, JsonNode? Value)[] arguments)
    {
        int id = Interlocked.Increment(ref _lastCommand);
        JsonObject line = new() { ["cmd"] = command, ["id"] = id, ["timeout"] = (int)(Waits / 2).TotalMilliseconds };
        foreach ((string name, JsonNode? value) in arguments)
        {
            line[name] = value;
        }

        await SendAsync(line.ToJsonString());
        return await FirstAsync($"reply {id} ({command})", happened => happened.Name == "reply" && happened.Number("id") == id);
    }

    /// <summary>The reply to a command that must succeed.</summary>
    public async Task<PeerEvent> DoAsync(string command, params (string Name, JsonNode? Value)[] arguments)
    {
        PeerEvent reply = await AskAsync(command, arguments);
        return reply.Ok ? reply : throw new PeerException($"{Name} failed to {command}: {reply}");
    }

    public async Task SendAsync(string line)
    {
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends its stdin.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Sends a signal, by its name (TERM, INT).</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, once it ended and everything it said was read.</summary>
    public async Task<int> ExitAsync()
    {
        await WaitAsync(_process.WaitForExitAsync(), "the end of the process");
        await WaitAsync(_reading, "the end of its output");
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, and waits until it did.</summary>
    public async Task<int> StopAsync()
    {
        await SendAsync("""{"cmd":"stop"}""");
        return await ExitAsync();
    }

    /// <summary>Ends it without warning, with the processes that it started.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>For people who look at a failure: what it was asked to do, and its last lines.</summary>
    public string Transcript =>
        $"--- {Name}: {_arguments} ({(_process.HasExited ? $"exited with {_process.ExitCode}" : "running")})\n  stdout:\n{_output}  stderr:\n{_errors}";

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        await _reading;
    }

    private async Task<PeerEvent> FirstAsync(string what, Func<PeerEvent, bool> matches, int after = 0)
    {
        Task<PeerEvent> found = _events.FirstAsync(matches, after);
        await WaitAsync(found, what);
        return await found;
    }

    private async Task WaitAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Waits);
        }
        catch (TimeoutException e)
        {
            throw new PeerException($"waited {Waits.TotalSeconds} s in vain for {what} of {Name}", e);
        }
    }

    private async Task ReadOutputAsync()
    {
        PeerException end = new($"the {Name} peer ended its output");
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Add(line);
            try
            {
                _events.Add(PeerEvent.Parse(line));
            }
            catch (PeerException e)
            {
                end = e; // the first line that breaks the contract is why nothing is found any more
                _events.End(e);
            }
        }

        _events.End(end);
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _errors.Add(line);
        }
    }
}
