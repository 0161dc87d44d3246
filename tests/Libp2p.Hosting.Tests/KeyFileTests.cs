using Libp2p.Hosting.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Libp2p.Hosting.Tests;

public sealed class KeyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("libp2p-hosting-").FullName;

    private string KeyPath => Path.Combine(_folder, "keys", "identity");

    [Fact]
    public async Task The_key_is_made_at_the_first_start_for_nobody_else_to_read_and_kept()
    {
        PeerId first = await StartAsync();
        byte[] key = await File.ReadAllBytesAsync(KeyPath);
        PeerId second = await StartAsync();

        Assert.Equal(first, second);
        Assert.Equal(key, await File.ReadAllBytesAsync(KeyPath));
        Assert.Equal([KeyPath], Directory.GetFiles(Path.GetDirectoryName(KeyPath)!)); // no draft is left
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(KeyPath)!));
        }
    }

    [Fact]
    public async Task Hosts_that_start_together_with_one_file_have_one_identity()
    {
        PeerId[] peers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));

        Assert.Single(peers.Distinct());
    }

    [Fact]
    public async Task A_key_that_others_can_read_is_warned_of()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no such modes
        }

        await StartAsync();
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        LogLines lines = new();

        await StartAsync(lines);

        Assert.Single(lines.All, line => line.StartsWith("Warning:", StringComparison.Ordinal) && line.Contains(KeyPath, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_holds_no_key_fails_the_start_and_stays_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyPath)!);
        await File.WriteAllTextAsync(KeyPath, "not a key, but dear to somebody");

        InvalidDataException unusable = await Assert.ThrowsAsync<InvalidDataException>(() => StartAsync());

        Assert.Contains(KeyPath, unusable.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("dear", unusable.ToString(), StringComparison.Ordinal);
        Assert.Equal("not a key, but dear to somebody", await File.ReadAllTextAsync(KeyPath));
    }

    [Fact]
    public async Task Without_a_file_each_start_has_a_new_identity()
    {
        using IHost one = TestHost.Build(services => services.AddLibp2p());
        using IHost two = TestHost.Build(services => services.AddLibp2p());
        await one.StartAsync();
        await two.StartAsync();

        Assert.NotEqual(one.Node().PeerId, two.Node().PeerId);
        await one.StopAsync();
        await two.StopAsync();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<PeerId> StartAsync(LogLines? lines = null)
    {
        using IHost host = TestHost.Build(services =>
        {
            services.AddLibp2p(node => node.Configure(options => options.KeyFile = KeyPath));
            if (lines is not null)
            {
                services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(lines);
            }
        });
        await host.StartAsync();
        PeerId peer = host.Node().PeerId;
        await host.StopAsync();
        return peer;
    }
}
