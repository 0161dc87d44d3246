using Libp2p.Multiformats;
using Microsoft.Extensions.Options;

namespace Libp2p.Hosting;

/// <summary>Finds all that is wrong with the options, each error under the name that configuration has for it.</summary>
internal sealed class Libp2pOptionsValidator : IValidateOptions<Libp2pOptions>
{
    /// <summary>What a timer can wait for.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    public ValidateOptionsResult Validate(string? name, Libp2pOptions options)
    {
        string[] errors = [.. Listening(options), .. KeyFile(options), .. Times(options), .. Numbers(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Listening(Libp2pOptions options)
    {
        for (int i = 0; i < options.Listen.Count; i++)
        {
            if (!Multiaddress.TryParse(options.Listen[i], out Multiaddress? address, out MultiformatError error))
            {
                yield return $"Listen:{i} is no multiaddress: '{options.Listen[i]}' ({error.Reason}, at {error.Position})";
            }
            else if (address.Peer is not null)
            {
                yield return $"Listen:{i} names a peer: '{address}'; the node has its own identity, leave /p2p out";
            }
        }
    }

    private static IEnumerable<string> KeyFile(Libp2pOptions options) =>
        options.KeyFile is { } file && string.IsNullOrWhiteSpace(file) ? ["KeyFile is empty; leave it out for a new identity at each start"] : [];

    private static IEnumerable<string> Times(Libp2pOptions options)
    {
        (string Name, TimeSpan Time)[] times =
        [
            (nameof(options.DialTimeout), options.DialTimeout),
            (nameof(options.InboundUpgradeTimeout), options.InboundUpgradeTimeout),
            (nameof(options.NegotiationTimeout), options.NegotiationTimeout),
            (nameof(options.AccessTimeout), options.AccessTimeout),
            (nameof(options.CloseTimeout), options.CloseTimeout),
            (nameof(options.DialAttemptTimeout), options.DialAttemptTimeout),
            (nameof(options.DialStagger), options.DialStagger),
        ];
        foreach ((string name, TimeSpan time) in times)
        {
            if (time <= TimeSpan.Zero || time > s_longest)
            {
                yield return $"{name} is {time}; it must be above 0 and at most {s_longest.TotalDays} days";
            }
        }

        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > s_longest)
        {
            yield return $"{nameof(options.DrainTimeout)} is {options.DrainTimeout}; it must be 0 or above, and at most {s_longest.TotalDays} days";
        }
    }

    private static IEnumerable<string> Numbers(Libp2pOptions options)
    {
        Libp2pLimits limits = options.Limits;
        (string Name, long Number)[] numbers =
        [
            (nameof(options.MaxDialAddresses), options.MaxDialAddresses),
            (nameof(options.MaxParallelDials), options.MaxParallelDials),
            (nameof(options.MaxConcurrentDialAttempts), options.MaxConcurrentDialAttempts),
            ("Limits:" + nameof(limits.Connections), limits.Connections),
            ("Limits:" + nameof(limits.PendingInbound), limits.PendingInbound),
            ("Limits:" + nameof(limits.ConnectionsPerAddress), limits.ConnectionsPerAddress),
            ("Limits:" + nameof(limits.PendingInboundPerAddress), limits.PendingInboundPerAddress),
            ("Limits:" + nameof(limits.ConnectionsPerAddressPerSecond), limits.ConnectionsPerAddressPerSecond),
            ("Limits:" + nameof(limits.ConnectionsPerPeer), limits.ConnectionsPerPeer),
            ("Limits:" + nameof(limits.Streams), limits.Streams),
            ("Limits:" + nameof(limits.InboundStreamsPerConnection), limits.InboundStreamsPerConnection),
            ("Limits:" + nameof(limits.NegotiatingPerConnection), limits.NegotiatingPerConnection),
            ("Limits:" + nameof(limits.Memory), limits.Memory),
            ("Limits:" + nameof(limits.MemoryPerConnection), limits.MemoryPerConnection),
        ];
        return numbers.Where(number => number.Number < 1).Select(number => $"{number.Name} is {number.Number}; it must be above 0");
    }
}
