using System.Text.RegularExpressions;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>What compiles, passes its tests, and breaks when a program is trimmed.</summary>
public sealed partial class TrimmingTests
{
    /// <summary>
    /// The trimmer of .NET 10 may drop the release of a lock that is taken in the <c>finally</c> of an async method which returns from
    /// the <c>try</c>: the lock is held for ever. Taken by a method of its own it is released.
    /// </summary>
    [Fact]
    public void No_lock_is_taken_directly_in_a_finally()
    {
        string[] found = [.. new[] { "runtime", "protocols" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => LockInFinally().IsMatch(File.ReadAllText(file)))];

        Assert.Empty(found);
        Assert.Matches(LockInFinally(), "finally\n        {\n            bool last;\n            lock (_lock)");
    }

    [GeneratedRegex(@"\bfinally\s*\{[^}]*\block \(")]
    private static partial Regex LockInFinally();
}
