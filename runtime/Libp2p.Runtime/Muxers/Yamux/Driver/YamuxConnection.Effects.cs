namespace Libp2p.Muxers.Yamux;

/// <content>What follows from each change of the session, and the one timer.</content>
internal sealed partial class YamuxConnection
{
    /// <summary>A timer cannot hold more than 49 days: it fires earlier, and then the session is asked again.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly ITimer _timer;
    private long _timerDue = long.MaxValue;

    /// <summary>Changes the session under the lock, and does what follows.</summary>
    /// <param name="state">What the change needs.</param>
    /// <param name="change">The change; it gets the time.</param>
    /// <param name="mayWrite">Whether the calling code is the application's, whose thread may write a batch.</param>
    public void Change<TState>(TState state, Action<TState, long> change, bool mayWrite = false)
    {
        SessionEffects effects;
        lock (Gate)
        {
            change(state, Now);
            effects = Settle(mayWrite);
        }

        Run(effects);
    }

    /// <summary>Under the lock, last: does what has to be done under it, and takes the rest for <see cref="Run"/>.</summary>
    /// <param name="mayWrite">Whether the calling code is the application's, whose thread may write a batch.</param>
    public SessionEffects Settle(bool mayWrite = false)
    {
        SessionEffects effects = _session.TakeEffects();
        for (int i = 0; i < effects.Count; i++)
        {
            (SessionStream stream, StreamEffects toDo) = effects[i];
            ((YamuxStream)stream).Settle(toDo);
        }

        if (effects.Connection.HasFlag(ConnectionEffects.Idle))
        {
            Memory.KeepSpare(false);
        }

        if (effects.Connection.HasFlag(ConnectionEffects.Trim))
        {
            _session.Trim();
        }

        effects.Add(StartWriter(mayWrite));
        SetTimer();
        return effects;
    }

    /// <summary>Outside the lock: does what follows from a change. A write on the calling thread comes last.</summary>
    public void Run(in SessionEffects effects)
    {
        for (int i = 0; i < effects.Count; i++)
        {
            (SessionStream stream, StreamEffects toDo) = effects[i];
            ((YamuxStream)stream).Run(toDo);
        }

        _session.Recycle(effects);
        if (effects.Connection != ConnectionEffects.None)
        {
            RunOwn(effects.Connection);
        }
    }

    private void RunOwn(ConnectionEffects effects)
    {
        if (effects.HasFlag(ConnectionEffects.Ended))
        {
            YamuxLog.Ended(_logger, RemoteAddress, _session.EndReason!);
        }

        if (effects.HasFlag(ConnectionEffects.WakeAcceptor))
        {
            _acceptor.Wake(isHere: false);
        }

        if ((effects & (ConnectionEffects.WakeOpener | ConnectionEffects.WakeOpeners)) != 0 && _opening is { Count: > 0 })
        {
            WakeOpeners(all: effects.HasFlag(ConnectionEffects.WakeOpeners));
        }

        if (effects.HasFlag(ConnectionEffects.Trim))
        {
            Segments.Trim();
        }

        if ((effects & (ConnectionEffects.Idle | ConnectionEffects.Trim)) != 0)
        {
            Memory.Trim();
        }

        if (effects.HasFlag(ConnectionEffects.AbortLink))
        {
            AbortLink();
        }

        if ((effects & (ConnectionEffects.WakeWriter | ConnectionEffects.WriteHere)) != 0)
        {
            WakeWriter(isHere: effects.HasFlag(ConnectionEffects.WriteHere));
        }
    }

    // Under the lock: has the timer fire when something is due.
    private void SetTimer()
    {
        long due = Math.Min(_session.Due, _lentUntil);
        if (due >= _timerDue)
        {
            return; // it fires earlier, and then looks again
        }

        _timerDue = due;
        TimeSpan wait = Time.GetElapsedTime(Now, due);
        _timer.Change(
            wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait < s_longestWait ? wait : s_longestWait,
            Timeout.InfiniteTimeSpan);
    }

    private void OnTimer() => Change(this, static (self, now) =>
    {
        self._timerDue = long.MaxValue;
        self._lentUntil = now < self._lentUntil ? self._lentUntil : long.MaxValue; // whoever is not the lent thread wakes the writer
        self._session.OnTime(self._writeFailure, now);
    });
}
