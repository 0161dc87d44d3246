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

    /// <summary>Whether the remote ended it by an alert. OpenSSL says so in its text alone.</summary>
    public static bool IsAlert(Exception failure) => Describe(failure).Contains("alert", StringComparison.Ordinal);
}
