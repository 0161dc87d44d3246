using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Tls;

/// <summary>The other end of a link as the platform's TLS alone, which believes everybody and does as the test says.</summary>
[SuppressMessage("Security", "CA5359", Justification = "A test's remote believes everybody; what is tested is whom we believe.")]
internal sealed class RawTlsPeer(MemoryLink link) : IAsyncDisposable
{
    private static readonly SslApplicationProtocol s_libp2p = new("libp2p");

    public SslStream Stream { get; } = new(new LinkStream(link), leaveInnerStreamOpen: true);

    public Task ServeAsync(X509Certificate2 certificate, Action<SslServerAuthenticationOptions>? change = null, params X509Certificate2[] issuers)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [.. issuers], offline: true),
            ApplicationProtocols = [s_libp2p],
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        change?.Invoke(options);
        return Stream.AuthenticateAsServerAsync(options);
    }

    public Task ConnectAsync(X509Certificate2? certificate, Action<SslClientAuthenticationOptions>? change = null, params X509Certificate2[] issuers)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "",
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, [.. issuers], offline: true),
            ApplicationProtocols = [s_libp2p],
            EnabledSslProtocols = SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        change?.Invoke(options);
        return Stream.AuthenticateAsClientAsync(options);
    }

    public async ValueTask DisposeAsync() => await Stream.DisposeAsync();

    /// <summary>A link as a stream of both directions.</summary>
    private sealed class LinkStream(MemoryLink link) : Stream
    {
        private readonly Stream _input = link.Input.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await link.Output.WriteAsync(buffer, cancellationToken);

        public override void Flush()
        {
            // Each write is flushed.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
