namespace Libp2p.Security.Tls;

/// <summary>What <c>SslStream</c> and the platform below it say of a failure: the innermost exception knows most.</summary>
internal static class TlsFailure
{
    /// <summary>The words of the platform.</summary>
    public static string Describe(Exception failure)
    {
        Exception innermost = failure.GetBaseException();
        return innermost.Message.Length > 0 ? innermost.Message : failure.Message;
    }

    /// <summary>Whether the remote ended it by an alert. OpenSSL says so in its text alone.</summary>
    public static bool IsAlert(Exception failure) => Describe(failure).Contains("alert", StringComparison.Ordinal);
}
