using System.Runtime.CompilerServices;
using Libp2p.Interop.Peers;
using Libp2p.TestKit;

namespace Libp2p.Interop.Pairing;

/// <summary>Runs the cases, one after the other, and writes the matrix of outcomes when all are done.</summary>
public sealed class InteropRun : IDisposable
{
    private readonly OutcomeTable _outcomes = new();

    /// <summary>Runs one case with two nodes of its own; a failure tells what both said and did.</summary>
    internal Task RunAsync(string dialer, string listener, Func<PeerPair, Task> scenario, [CallerMemberName] string name = "") =>
        RunAsync(dialer, listener, new PairOptions(), scenario, name);

    internal async Task RunAsync(
        string dialer, string listener, PairOptions options, Func<PeerPair, Task> scenario, [CallerMemberName] string name = "")
    {
        string outcome = "failed";
        try
        {
            await using PeerPair pair = await PeerPair.StartAsync(dialer, listener, options);
            try
            {
                await scenario(pair);
                outcome = "ok";
            }
            catch (Exception e)
            {
                throw new PeerException($"{name}, {dialer} dials {listener}: {e.Message}\n{await pair.DescribeAsync()}", e);
            }
        }
        finally
        {
            _outcomes.Add(name.Replace('_', ' '), (dialer, listener), outcome);
        }
    }

    /// <summary>Tells that a pair cannot run a case, because one side lacks what it needs.</summary>
    internal void Cannot(string dialer, string listener, string name) => _outcomes.Add(name.Replace('_', ' '), (dialer, listener), "cannot");

    /// <summary>Writes the matrix where the runner of all tests looks for it.</summary>
    public void Dispose()
    {
        string folder = Repository.At("artifacts");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "interop-matrix.md"), _outcomes.ToMarkdown());
    }
}

/// <summary>All cases share one run, so they follow each other: nodes that wait for a core look like nodes that hang.</summary>
[CollectionDefinition(Name)]
public sealed class InteropCollection : ICollectionFixture<InteropRun>
{
    public const string Name = "interop";
}
