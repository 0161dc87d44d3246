using System.Text;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>What each shape gives its caller to hold, how it is used, and how it is completed.</summary>
/// <param name="OpenAsync">Opens it.</param>
/// <param name="UseAsync">Sends half of what there is.</param>
/// <param name="CompleteAsync">Ends our direction.</param>
internal sealed record Opened(
    Func<InMemoryOpener, CallContext, Task<IAsyncDisposable>> OpenAsync,
    Func<IAsyncDisposable, Task> UseAsync,
    Func<IAsyncDisposable, Task> CompleteAsync)
{
    /// <summary>The shapes whose initiator sends for as long as it likes.</summary>
    public static readonly IReadOnlyDictionary<string, Opened> All = new Dictionary<string, Opened>
    {
        ["writer"] = new(
            static async (opener, context) => await ITalk.Protocol.CreateClient(opener).OpenPourAsync(context),
            static async held => await ((MessageWriter<string>)held).WriteAsync("a"),
            static async held => await ((MessageWriter<string>)held).CompleteAsync()),
        ["writer with a response"] = new(
            static async (opener, context) => await ITalk.Protocol.CreateClient(opener).OpenSumAsync(context),
            static async held => await ((MessageWriter<string, string>)held).WriteAsync("a"),
            static async held => await Record.ExceptionAsync(async () => await ((MessageWriter<string, string>)held).CompleteAsync())),
        ["writer per peer"] = new(
            static async (opener, context) => await IStanding.Protocol.CreateClient(opener).OpenPourAsync(context),
            static async held => await ((MessageWriter<string>)held).WriteAsync("a"),
            static async held => await ((MessageWriter<string>)held).CompleteAsync()),
        ["dialogue"] = new(
            static async (opener, context) => await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync(context),
            static async held => await ((Dialogue<ReadOnlyMemory<byte>, string>)held).SendAsync("a"),
            static async held => await ((Dialogue<ReadOnlyMemory<byte>, string>)held).CompleteAsync()),
        ["dialogue after a first message"] = new(
            static async (opener, context) => await IAfter.Protocol.CreateClient(opener).OpenTalkAsync("first", context),
            static async held => await ((Dialogue<ReadOnlyMemory<byte>, string>)held).SendAsync("a"),
            static async held => await ((Dialogue<ReadOnlyMemory<byte>, string>)held).CompleteAsync()),
        ["stream"] = new(
            static async (opener, context) => await ITalk.Protocol.CreateClient(opener).OpenPipeAsync(context),
            static async held => await ((P2PStream)held).SendAsync(1, 2),
            static async held => await ((P2PStream)held).CloseWriteAsync()),
        ["stream after a first message"] = new(
            static async (opener, context) => await IAfter.Protocol.CreateClient(opener).OpenMeasureAsync(Encoding.ASCII.GetBytes("12345678"), context),
            static async held => await ((P2PStream)held).SendAsync(1, 2),
            static async held => await ((P2PStream)held).CloseWriteAsync()),
        ["detached stream"] = new(
            static async (opener, context) => (await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync()).Detach(),
            static async held => await ((P2PStream)held).SendAsync(1, 2),
            static async held => await ((P2PStream)held).Output.CompleteAsync()),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Those that their context's token ends: a detached stream is its caller's alone.</summary>
    public static TheoryData<string> Cancellable => [.. All.Keys.Where(name => name != "detached stream")];
}
