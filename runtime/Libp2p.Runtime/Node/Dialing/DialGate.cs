using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>
/// Has the gaters asked about the addresses of one dial, about each once and before it becomes a candidate: an address that is refused does
/// not use up the number of those that are tried, and one whose question is unanswered holds up no other. Thread-safe.
/// </summary>
internal sealed class DialGate(DialRequest request, Gaters gaters, DialAttempts attempts)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Multiaddress, string?> _answers = []; // null: allowed
    private readonly HashSet<Multiaddress> _unanswered = [];

    /// <summary>Whether a candidate may be tried; otherwise it has its failure.</summary>
    public bool TryAdmit(DialCandidate candidate) => attempts.TryAdmit(candidate, request, RefusalOf);

    /// <summary>Divides an offer.</summary>
    /// <param name="offer">With addresses.</param>
    /// <param name="unasked">What the gaters are still to be asked about, with <see cref="AskAsync"/>.</param>
    /// <returns>What can be entered now: it was answered before, or needs no answer, as a name or what cannot be dialled.</returns>
    public IReadOnlyList<Multiaddress> Divide(DialOffer offer, out IReadOnlyList<DialCandidate> unasked)
    {
        unasked = [];
        if (gaters.IsEmpty)
        {
            return offer.Addresses!;
        }

        List<Multiaddress> ready = [];
        List<DialCandidate> questions = [];
        lock (_lock)
        {
            foreach (Multiaddress address in offer.Addresses!)
            {
                DialCandidate candidate = new(address, offer.IsInsisted, offer.IsHearsay);
                if (_answers.ContainsKey(address) || !attempts.NeedsAnswer(candidate, request))
                {
                    ready.Add(address);
                }
                else if (_unanswered.Add(address))
                {
                    questions.Add(candidate);
                }
            }
        }

        unasked = questions;
        return ready;
    }

    /// <summary>Asks about an address, which then is ready. Throws nothing.</summary>
    public async Task AskAsync(DialCandidate candidate, CancellationToken cancellationToken)
    {
        string? refusal = await gaters.RefusalAsync(
            candidate.Target, gater => gater.AllowDial(candidate.Expected.Peer, candidate.Target), cancellationToken);
        lock (_lock)
        {
            _unanswered.Remove(candidate.Address);
            _answers[candidate.Address] = refusal;
        }
    }

    private string? RefusalOf(DialCandidate candidate)
    {
        if (gaters.IsEmpty)
        {
            return null;
        }

        lock (_lock)
        {
            return _answers.TryGetValue(candidate.Address, out string? refusal) ? refusal : "The gater was not asked, as the address could not be dialled then";
        }
    }
}
