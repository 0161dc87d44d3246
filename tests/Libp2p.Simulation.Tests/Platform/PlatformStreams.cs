using System.IO.Compression;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Libp2p.Simulation.Tests;

/// <summary>
/// The platform's streams on top of a pipe: they await with ConfigureAwait(false) in layers, so each of them leaves the scheduler
/// on ordinary pipes and stays on it where the pipe runs without the context.
/// </summary>
public static class PlatformStreams
{
    /// <summary>Each takes both ends of a pipe, and a second pipe.</summary>
    public static Dictionary<string, Func<Pipe, Pipe, Task>> All { get; } = new()
    {
        ["PipeReader.Create(stream), ReadAsync"] = async (pipe, _) =>
        {
            Task writing = WriteAsync(pipe.Writer, 4);
            ReadResult result = await PipeReader.Create(pipe.Reader.AsStream()).ReadAsync();
            Assert.Equal(4, result.Buffer.Length);
            await writing;
        },
        ["Stream.ReadExactlyAsync"] = async (pipe, _) =>
        {
            Task writing = WriteAsync(pipe.Writer, 4);
            await pipe.Reader.AsStream().ReadExactlyAsync(new byte[4]);
            await writing;
        },
        ["StreamReader.ReadLineAsync"] = async (pipe, _) =>
        {
            Task writing = WriteAsync(pipe.Writer, 4);
            using StreamReader text = new(pipe.Reader.AsStream());
            Assert.Equal(4, (await text.ReadLineAsync())?.Length);
            await writing;
        },
        ["BufferedStream.ReadAsync"] = async (pipe, _) =>
        {
            Task writing = WriteAsync(pipe.Writer, 4);
            await using BufferedStream buffered = new(pipe.Reader.AsStream());
            Assert.Equal(4, await buffered.ReadAsync(new byte[8]));
            await writing;
        },
        ["DeflateStream.ReadAsync"] = async (pipe, _) =>
        {
            Task writing = WriteAsync(pipe.Writer, 0);
            await using DeflateStream deflate = new(pipe.Reader.AsStream(), CompressionMode.Decompress);
            Assert.Equal(0, await deflate.ReadAsync(new byte[4]));
            await writing;
        },
        ["PipeReader.CopyToAsync(stream)"] = async (pipe, target) =>
        {
            Task copying = pipe.Reader.CopyToAsync(target.Writer.AsStream());
            Task writing = WriteAsync(pipe.Writer, 64 * 1024);
            for (long left = 64 * 1024; left > 0;)
            {
                ReadResult result = await target.Reader.ReadAsync();
                left -= result.Buffer.Length;
                target.Reader.AdvanceTo(result.Buffer.End);
            }

            await copying;
            await writing;
        },
        ["SslStream, handshake and data"] = async (there, back) =>
        {
            await using SslStream client = new(new DuplexPipeStream(back.Reader, there.Writer), false, static (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
            await using SslStream server = new(new DuplexPipeStream(there.Reader, back.Writer));
            Task serving = ServeAsync(server);
            await client.AuthenticateAsClientAsync("localhost");
            await client.WriteAsync(new byte[20_000]);
            byte[] echo = new byte[20_000];
            await client.ReadExactlyAsync(echo);
            await serving;
        },
    };

    private static async Task WriteAsync(PipeWriter writer, int length)
    {
        await Task.Yield();
        await Task.Yield();
        await writer.WriteAsync(new byte[length]);
        await writer.CompleteAsync();
    }

    private static async Task ServeAsync(SslStream server)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await server.AuthenticateAsServerAsync(certificate);
        byte[] received = new byte[20_000];
        await server.ReadExactlyAsync(received);
        await server.WriteAsync(received);
    }

    /// <summary>Two pipe ends as one stream, by the pipes' own streams: it awaits nothing itself.</summary>
    internal class DuplexPipeStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _input = reader.AsStream();
        private readonly Stream _output = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>A stream that awaits the pipe plainly, as library code does.</summary>
    internal sealed class PlainlyAwaitingStream(Pipe pipe) : DuplexPipeStream(pipe.Reader, pipe.Writer)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken);
    }
}
