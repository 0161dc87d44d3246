using System.Diagnostics;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>The sample that README begins with, run as its reader does: alone, and in two terminals.</summary>
public sealed class ChatSampleTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Without_arguments_it_shows_itself_and_ends()
    {
        using Chat chat = new();

        await chat.SeesAsync("alice is connected: /noise, /yamux/1.0.0");
        await chat.SeesAsync("alice sees  bob proposes bob2");
        await chat.SeesAsync("alice sees  receipt number 1");
        await chat.SeesAsync("alice sees  bob: I am.");
        await chat.SeesAsync("bob sees    bob: alice has left.");

        Assert.Equal(0, await chat.ExitAsync());
    }

    [Fact]
    public async Task Two_terminals_chat()
    {
        using Chat bob = new("--listen", "/ip4/127.0.0.1/tcp/0", "--name", "bob");
        string address = (await bob.SeesAsync("listening on "))["listening on ".Length..];
        using Chat alice = new("--dial", address, "--name", "alice");
        await alice.SeesAsync("you are alice");
        await alice.SeesAsync("bob: Welcome, alice.");

        await alice.TypesAsync("hello there");
        await bob.SeesAsync("alice: hello there");
        await bob.TypesAsync("hi alice");
        await alice.SeesAsync("bob: hi alice");
        await alice.TypesAsync("!between us");
        await bob.SeesAsync("alice to bob alone: between us");
        await alice.SeesAsync("(delivered, receipt number 1)");
        await alice.TypesAsync("/quit");
        await bob.SeesAsync("bob: alice has left.");
        await bob.TypesAsync("/quit");

        Assert.Equal((0, 0), (await alice.ExitAsync(), await bob.ExitAsync()));
    }

    [Fact]
    public async Task A_name_that_is_taken_becomes_another_and_what_nobody_answers_is_said()
    {
        using Chat bob = new("--listen", "/ip4/127.0.0.1/tcp/0", "--name", "bob");
        string address = (await bob.SeesAsync("listening on "))["listening on ".Length..];
        using Chat other = new("--dial", address, "--name", "bob");
        await other.SeesAsync("you are bob2");
        await bob.TypesAsync("/quit");

        Assert.Equal(1, await other.ExitAsync());
        using Chat late = new("--dial", address);
        Assert.Equal(1, await late.ExitAsync());
    }

    /// <summary>One terminal.</summary>
    private sealed class Chat : IDisposable
    {
        private readonly Process _process;

        public Chat(params string[] arguments)
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            string program = Repository.At($"samples/Chat/bin/{configuration}/net10.0/Chat.dll");
            _process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }

        public async Task TypesAsync(string line)
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }

        /// <summary>The next line that holds the text.</summary>
        public async Task<string> SeesAsync(string text)
        {
            using CancellationTokenSource patience = new(s_patience);
            List<string> seen = [];
            while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                seen.Add(line);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }

            throw new InvalidOperationException($"'{text}' was not said; but:\n{string.Join('\n', seen)}\n{await _process.StandardError.ReadToEndAsync(patience.Token)}");
        }

        public async Task<int> ExitAsync()
        {
            using CancellationTokenSource patience = new(s_patience);
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(); // the one that this test started
            }

            _process.Dispose();
        }
    }
}
