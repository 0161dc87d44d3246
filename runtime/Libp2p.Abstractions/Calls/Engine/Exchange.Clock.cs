using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>The timer of the exchange, which drives its times.</summary>
internal sealed partial class Exchange
{
    private void SetTotal(TimeSpan? total, string whole)
    {
        lock (_gate)
        {
            (_total, _whole) = (total, whole); // the timer reads both
        }
    }

    private void StartClock()
    {
        lock (_gate)
        {
            if (_timer is null && !_isDisposed && (_total ?? Limits.Read ?? Limits.Idle) is not null)
            {
                _timer = _time.CreateTimer(static state => ((Exchange)state!).OnTimer(), this);
            }
        }

        Schedule();
    }

    /// <summary>Makes sure that the timer comes in time for the nearest end; it may come too early and look again.</summary>
    private void Schedule()
    {
        lock (_gate)
        {
            if (_timer is not null && _times.Next(Limits, _total, _whole) is { } end && end.At < _timerDue)
            {
                SetTimer(end);
            }
        }
    }

    private void SetTimer(DueTime end)
    {
        _timerDue = end.At;
        _timer?.Change(_time.WaitUntil(end.At), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        EndReason reason;
        bool isPaused;
        lock (_gate)
        {
            if (_isDisposed || _over is not null || _stream is { IsDetached: true })
            {
                return;
            }

            _timerDue = Timestamps.Never;
            if (_times.Next(Limits, _total, _whole) is not { } end)
            {
                return;
            }

            if (end.At > _time.GetTimestamp())
            {
                SetTimer(end);
                return;
            }

            isPaused = _times.IsPaused;
            _over = end.ToString();
            reason = new EndReason(EndedBy.Limit, ErrorCode.None, $"{Subject}: {_over}");
        }

        _source.Cancel();
        if (!isPaused)
        {
            Reset(reason);
        }
    }
}
