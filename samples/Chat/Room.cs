using Libp2p;

namespace Chat;

/// <summary>A room on one node: its guests, their names, and what is said. Thread-safe.</summary>
/// <param name="host">The name of whoever keeps it.</param>
/// <param name="show">Shows a line to the host.</param>
internal sealed class Room(string host, Action<string> show)
{
    private const int MaxNameLength = 32;
    private const int MaxIntroduced = 64; // and not in the room: whoever comes next pushes out the one who came first

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, string> _names = [];
    private readonly List<PeerId> _introduced = []; // named, and not in the room
    private readonly List<Guest> _guests = [];

    public string Host => host;

    public void Show(string line) => show(line);

    /// <summary>Gives the name to the peer, or says which one is free.</summary>
    public bool TryName(PeerId? peer, string asked, out string name)
    {
        string wanted = asked.Trim() is { Length: > 0 and <= MaxNameLength } usable ? usable : "guest";
        name = wanted;
        lock (_lock)
        {
            HashSet<string> taken = [host, .. _names.Where(other => other.Key != peer).Select(other => other.Value)];
            for (int i = 2; taken.Contains(name); i++)
            {
                name = $"{wanted}{i}";
            }

            if (name == asked && peer is not null)
            {
                _names[peer] = name;
                Expect(peer);
            }

            return name == asked;
        }
    }

    public string NameOf(PeerId? peer)
    {
        lock (_lock)
        {
            return peer is not null && _names.TryGetValue(peer, out string? name) ? name : "somebody";
        }
    }

    public Guest Join(PeerId? peer)
    {
        Guest guest = new(this, peer, NameOf(peer));
        lock (_lock)
        {
            _guests.Add(guest);
            _introduced.RemoveAll(introduced => introduced == peer);
        }

        Tell(new ChatMessage { From = host, Text = $"{guest.Name} is here." }, except: guest);
        guest.Tell(new ChatMessage { From = host, Text = $"Welcome, {guest.Name}." });
        return guest;
    }

    public void Leave(Guest guest)
    {
        lock (_lock)
        {
            _guests.Remove(guest);
            if (guest.Peer is not null)
            {
                _names.Remove(guest.Peer);
            }
        }

        Tell(new ChatMessage { From = host, Text = $"{guest.Name} has left." }, except: guest);
    }

    /// <summary>The host speaks.</summary>
    public void Say(string text) => Send(new ChatMessage { From = host, Text = text }, null);

    /// <summary>A guest, or the host, speaks: everybody else hears it.</summary>
    public void Tell(ChatMessage message, Guest? except)
    {
        show($"{message.From}: {message.Text}");
        Send(message, except);
    }

    /// <summary>Keeps the name of a peer that is not in the room, for as long as there are not too many of them.</summary>
    private void Expect(PeerId peer)
    {
        if (_guests.Exists(guest => guest.Peer == peer))
        {
            return;
        }

        _introduced.Remove(peer);
        _introduced.Add(peer);
        if (_introduced.Count > MaxIntroduced)
        {
            _names.Remove(_introduced[0]);
            _introduced.RemoveAt(0);
        }
    }

    private void Send(ChatMessage message, Guest? except)
    {
        Guest[] guests;
        lock (_lock)
        {
            guests = [.. _guests.Where(guest => guest != except)];
        }

        foreach (Guest guest in guests)
        {
            guest.Tell(message);
        }
    }
}
