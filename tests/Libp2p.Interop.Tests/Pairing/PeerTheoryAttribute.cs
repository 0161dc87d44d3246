using Libp2p.Interop.Peers;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Libp2p.Interop.Pairing;

/// <summary>
/// A theory whose rows name peers: a row with a peer that is absent here is skipped and says why, unless LIBP2P_REQUIRE_PEERS is 1.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Libp2p.Interop.Pairing.PeerTheoryDiscoverer", "Libp2p.Interop.Tests")]
public sealed class PeerTheoryAttribute : TheoryAttribute;

/// <summary>Makes the test cases of <see cref="PeerTheoryAttribute"/>.</summary>
public sealed class PeerTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow)
    {
        string? absence = dataRow.OfType<string>().Select(name => PeerProgram.Named(name).Absence).FirstOrDefault(reason => reason is not null);
        return absence is null || PeerProgram.Required
            ? base.CreateTestCasesForDataRow(discoveryOptions, testMethod, theoryAttribute, dataRow)
            : CreateTestCasesForSkippedDataRow(discoveryOptions, testMethod, theoryAttribute, dataRow, absence);
    }
}
