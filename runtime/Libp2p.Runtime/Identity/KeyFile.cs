using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Libp2p.Crypto;

namespace Libp2p;

/// <summary>Files that hold a private key: which form one has shows in its first byte.</summary>
internal static class KeyFile
{
    private const byte DerSequence = 0x30;

    private static readonly SearchValues<byte> s_base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"u8);

    /// <summary>Reads a key in any form that <see cref="PrivateKey.Import"/> promises.</summary>
    public static PrivateKey Read(ReadOnlyMemory<byte> content, CryptoEngine engine)
    {
        if (content.Length > PrivateKey.MaxFileLength)
        {
            PrivateKey.Refuse("longer than 1 MiB");
        }

        ReadOnlySpan<byte> text = content.Span.TrimStart(" \t\r\n\uFEFF"u8);

        return text is [(byte)'{', ..] ? KuboConfig.Read(text, engine)
            : text.IndexOf("-----BEGIN "u8) >= 0 ? PemKey.Read(text, engine)
            : content.Span is [DerSequence, ..] ? Pkcs8Key.Read(content, engine)
            : text.IndexOfAnyExcept(s_base64) < 0 ? ReadBase64(text, engine)
            : PrivateKey.FromProtobuf(content.Span, engine);
    }

    /// <summary>Reads base64 of the protobuf message, with or without blanks and line ends in it.</summary>
    public static PrivateKey ReadBase64(ReadOnlySpan<byte> text, CryptoEngine engine)
    {
        byte[] message = GC.AllocateArray<byte>(PrivateKey.MaxProtobufLength, pinned: true);

        try
        {
            if (Base64.DecodeFromUtf8(text, message, out _, out int length) != OperationStatus.Done)
            {
                PrivateKey.Refuse("no base64, or too long");
            }

            return PrivateKey.FromProtobuf(message.AsSpan(0, length), engine);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }

    /// <summary>The content of a file, which the caller wipes.</summary>
    public static async Task<byte[]> LoadAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);

        if (!file.CanSeek)
        {
            throw new IOException("A key is read from a file that is on a disk, so that its length is known beforehand.");
        }

        if (file.Length > PrivateKey.MaxFileLength)
        {
            PrivateKey.Refuse("longer than 1 MiB");
        }

        byte[] content = GC.AllocateArray<byte>((int)file.Length, pinned: true);

        try
        {
            await file.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch
        {
            CryptographicOperations.ZeroMemory(content);
            throw;
        }
    }

    /// <summary>Writes a file beside the wanted one and puts it in its place.</summary>
    public static async Task SaveAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string draft = $"{path}.{Path.GetRandomFileName()}";
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, // follows no link that someone left there
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };

        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            await using (FileStream file = new(draft, options))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft); // nothing happens where it was never made
            throw;
        }
    }
}
