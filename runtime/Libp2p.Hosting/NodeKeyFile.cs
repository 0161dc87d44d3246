using System.Runtime.Versioning;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

/// <summary>The file of a host's identity: read, and made at the first start. Nothing of a key is ever logged or quoted.</summary>
internal static class NodeKeyFile
{
    private const UnixFileMode Exposed =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The key in the file, which is made where it does not exist. The key is the caller's.</summary>
    /// <exception cref="InvalidDataException">The file holds no usable key.</exception>
    /// <exception cref="IOException">The file can be neither read nor made.</exception>
    public static async Task<PrivateKey> OpenAsync(string path, ILogger log, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            await CreateAsync(path, log, cancellationToken);
        }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Exposed) != 0)
        {
            HostingLog.KeyFileExposed(log, path);
        }

        try
        {
            return await PrivateKey.FromFileAsync(path, CryptoEngine.Default, cancellationToken);
        }
        catch (MultiformatException e)
        {
            throw new InvalidDataException($"The key file {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Makes the file; where another process was faster, its key stays.</summary>
    private static async Task CreateAsync(string path, ILogger log, CancellationToken cancellationToken)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        string draft = $"{path}.{Path.GetRandomFileName()}";
        using PrivateKey key = PrivateKey.GenerateEd25519(CryptoRandomSource.Instance, CryptoEngine.Default);
        await key.SaveAsync(draft, cancellationToken);
        try
        {
            File.Move(draft, path, overwrite: false);
            HostingLog.KeyFileMade(log, path, key.PublicKey.PeerId);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            MakeUnixFolder(folder);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakeUnixFolder(string folder) =>
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
