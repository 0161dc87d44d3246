using System.Security.Authentication;
using System.Security.Cryptography;

namespace Libp2p.Security.Tls;

/// <summary>What <c>SslStream</c> and the platform below it say of a failure: the innermost exception knows most.</summary>
internal static class TlsFailure
{
    /// <summary>Whether it is one that <c>SslStream</c> throws of itself, or lets pass from below.</summary>
    public static bool IsPlatforms(Exception failure) =>
        failure is AuthenticationException or IOException or InvalidOperationException or CryptographicException;

    /// <summary>The words of the platform.</summary>
    public static string Describe(Exception failure)
    {
        Exception innermost = failure.GetBaseException();
        return innermost.Message.Length > 0 ? innermost.Message : failure.Message;
    }

    /// <summary>The remote's alert, where that ended it; null otherwise. OpenSSL says so in its text alone: "…:SSL routines::tlsv1 alert unknown ca".</summary>
    public static string? AlertOf(Exception failure)
    {
        const string Mark = " alert ";
        string text = Describe(failure);
        int mark = text.IndexOf(Mark, StringComparison.Ordinal);
        return mark < 0 ? null : text[(mark + Mark.Length)..];
    }
}
