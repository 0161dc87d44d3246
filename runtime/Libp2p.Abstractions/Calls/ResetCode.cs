using System.ComponentModel;

namespace Libp2p;

/// <summary>An exception and the code that stands for it on the wire; from <see cref="ResetCodeAttribute"/>. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ResetCode
{
    private protected ResetCode(uint code) => Code = new ErrorCode(code);

    /// <summary>What travels.</summary>
    public ErrorCode Code { get; }

    /// <summary>The code of an exception that a handler threw; null where none is declared.</summary>
    /// <param name="codes">As declared: the closest type first.</param>
    /// <param name="thrown">What was thrown.</param>
    internal static ErrorCode? Of(IReadOnlyList<ResetCode> codes, Exception thrown)
    {
        foreach (ResetCode declared in codes)
        {
            if (declared.Matches(thrown))
            {
                return declared.Code;
            }
        }

        return null;
    }

    /// <summary>The exception that a remote's reset stands for; null where its code is not declared, or no exception can be made of it.</summary>
    internal static Exception? ToException(IReadOnlyList<ResetCode> codes, string subject, StreamResetException reset)
    {
        foreach (ResetCode declared in codes)
        {
            if (declared.Code == reset.Reason.Code)
            {
                return declared.Create($"{subject}: {reset.Reason.Reason}", reset);
            }
        }

        return null;
    }

    /// <summary>Whether the code is one of these.</summary>
    internal static bool IsDeclared(IReadOnlyList<ResetCode> codes, ErrorCode code)
    {
        foreach (ResetCode declared in codes)
        {
            if (declared.Code == code)
            {
                return true;
            }
        }

        return false;
    }

    private protected abstract bool Matches(Exception thrown);

    private protected abstract Exception? Create(string message, StreamResetException reset);
}

/// <summary>An exception of one type and the code that stands for it. Generated code makes it.</summary>
/// <typeparam name="TException">The exception; derived types match too.</typeparam>
/// <param name="code">The application's code, 0x10000 or above.</param>
/// <param name="create">
/// Makes one of a message and its cause at the initiator; null where the type has no constructor that would do: the initiator then
/// gets the <see cref="StreamResetException"/> itself.
/// </param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ResetCode<TException>(uint code, Func<string, Exception, TException>? create = null) : ResetCode(code)
    where TException : Exception
{
    private protected override bool Matches(Exception thrown) => thrown is TException;

    private protected override Exception? Create(string message, StreamResetException reset) => create?.Invoke(message, reset);
}
