using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Libp2p;

/// <summary>
/// The items of an enumerable that an application gave to a call. They are waited for no longer than the call lives: what does not come
/// back then is left behind, and disposed of when it does (<see cref="LeftBehind"/>). One reader. An item costs no allocation.
/// </summary>
/// <param name="items">The application's.</param>
/// <param name="operation">Whose they are, for the list of what was left behind.</param>
/// <param name="call">The call's lifetime.</param>
internal sealed class GivenItems<T>(IAsyncEnumerable<T> items, string operation, CallLife call) : IValueTaskSource<bool>
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Left = 2;

    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously); // of a wait that was left
    private ManualResetValueTaskSourceCore<bool> _turn; // false: the call ended first
    private CancellationTokenRegistration _ending;
    private IAsyncEnumerator<T>? _enumerator;
    private ValueTaskAwaiter<bool> _next;
    private Action? _onNext;
    private int _state;

    /// <summary>The item that is there.</summary>
    public T Current => _enumerator!.Current;

    /// <summary>The next item.</summary>
    /// <exception cref="OperationCanceledException">The call ended first.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        call.Ends.ThrowIfCancellationRequested();
        if (_enumerator is null)
        {
            _enumerator = items.GetAsyncEnumerator(call.Ends);
            _ending = call.Ends.UnsafeRegister(static state => ((GivenItems<T>)state!).Leave(), this);
        }

        return await IsBackAsync(_enumerator.MoveNextAsync()) ? _next.GetResult() : throw new OperationCanceledException(call.Ends);
    }

    /// <summary>
    /// Ends the enumeration: at its end, or before. Waits for the application's code only as long as <see cref="LeftBehind"/> does.
    /// </summary>
    public async ValueTask EndAsync()
    {
        _ending.Unregister();
        if (_enumerator is { } enumerator)
        {
            await LeftBehind.EndAsync(EndAsync(enumerator), operation, call);
        }
    }

    private async Task EndAsync(IAsyncEnumerator<T> enumerator)
    {
        if (Volatile.Read(ref _state) == Left)
        {
            await _returned.Task;
            Forget();
        }

        await enumerator.DisposeAsync();
    }

    /// <summary>Takes what came after the call had ended, be it a failure.</summary>
    private void Forget()
    {
        try
        {
            _next.GetResult();
        }
        catch (Exception)
        {
            // The call has ended for its own reason, which its caller was told.
        }
    }

    /// <returns>False when the call ended first.</returns>
    private ValueTask<bool> IsBackAsync(ValueTask<bool> next)
    {
        _next = next.GetAwaiter();
        if (_next.IsCompleted)
        {
            return new ValueTask<bool>(true);
        }

        _turn.Reset();
        Volatile.Write(ref _state, Waiting);
        _next.UnsafeOnCompleted(_onNext ??= OnNext);
        if (call.Ends.IsCancellationRequested)
        {
            Leave();
        }

        return new ValueTask<bool>(this, _turn.Version);
    }

    private void OnNext()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _turn.RunContinuationsAsynchronously = SynchronizationContext.Current is not null; // nothing of the library runs in the application's
            _turn.SetResult(true);
        }
        else
        {
            _returned.TrySetResult();
        }
    }

    private void Leave()
    {
        if (Interlocked.CompareExchange(ref _state, Left, Waiting) == Waiting)
        {
            _turn.RunContinuationsAsynchronously = true; // the canceller's thread is the application's
            _turn.SetResult(false);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _turn.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _turn.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _turn.OnCompleted(continuation, state, token, flags);
}
