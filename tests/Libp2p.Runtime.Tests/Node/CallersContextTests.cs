using System.IO.Pipelines;
using Libp2p.Crypto;
using Libp2p.Scheduling;

namespace Libp2p.Tests.Host;

/// <summary>What a caller holds can be used from a thread that has a synchronization context and waits: nothing of a call needs that thread.</summary>
public sealed class CallersContextTests
{
    [Theory]
    [InlineData("enumerator")]
    [InlineData("enumerator left early")]
    [InlineData("stream")]
    [InlineData("stream abandoned")]
    [InlineData("connect")]
    [InlineData("key file")]
    [InlineData("listen")]
    public async Task Nothing_of_a_call_needs_its_callers_thread(string what)
    {
        Errand errand = new()
        {
            OnRun = static async (text, _) =>
            {
                await Task.Yield();
                return text;
            },
        };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IErrand.Protocol, errand).Handle(BytesHandler.Echo));

        Assert.True(await EndsAsync(() => UseAsync(nodes, what)), "It waits for the thread that waits for it");
    }

    private static Task UseAsync(NodePair nodes, string what)
    {
        if (what.StartsWith("enumerator", StringComparison.Ordinal))
        {
            IAsyncEnumerator<string> items = nodes.Connection.Client(IErrand.Protocol).WatchAsync().GetAsyncEnumerator();
            Block(items.MoveNextAsync());
            if (what == "enumerator")
            {
                Block(items.MoveNextAsync());
            }

            Block(items.DisposeAsync());
            return Task.CompletedTask;
        }

        switch (what)
        {
            case "connect":
                Block(nodes.Dialer.ConnectAsync(IErrand.Protocol, nodes.Listener.Addresses[0]));
                return Task.CompletedTask;
            case "listen":
                Block(nodes.Dialer.ListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")]));
                return Task.CompletedTask;
            case "key file":
                string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "key");
                using (PrivateKey key = PrivateKey.GenerateEd25519(CryptoRandomSource.Instance, CryptoEngine.Default))
                {
                    Block(new ValueTask(key.SaveAsync(file)));
                }

                Block(new ValueTask<PrivateKey>(PrivateKey.FromFileAsync(file, CryptoEngine.Default))).Dispose();
                return Task.CompletedTask;
        }

        P2PStream stream = Block(nodes.OpenAsync("/bytes/echo"));
        Block(stream.Output.WriteAsync(new byte[] { 1, 2, 3 }));
        ReadResult read = Block(stream.Input.ReadAtLeastAsync(3));
        stream.Input.AdvanceTo(read.Buffer.End);
        if (what == "stream")
        {
            Block(stream.CloseWriteAsync());
            stream.Input.AdvanceTo(Block(stream.Input.ReadAsync()).Buffer.End);
        }

        Block(stream.DisposeAsync());
        return Task.CompletedTask;
    }

    private static T Block<T>(ValueTask<T> call)
    {
        Task<T> task = call.AsTask();
        return task.Wait(NodePair.Patience) ? task.Result : throw new TimeoutException();
    }

    private static void Block(ValueTask call) => Assert.True(call.AsTask().Wait(NodePair.Patience));

    /// <summary>Runs on a thread of its own, whose context runs nothing that is posted to it.</summary>
    private static async Task<bool> EndsAsync(Func<Task> use)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new Deaf());
            try
            {
                done.SetResult(use().Wait(NodePair.Patience));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        return await done.Task;
    }

    private sealed class Deaf : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
