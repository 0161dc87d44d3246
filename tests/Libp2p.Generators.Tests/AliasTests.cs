using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Tests;

/// <summary>Types whose assembly the project refers to by an extern alias, in each place where generated code names a type.</summary>
public sealed class AliasTests
{
    private const string Library = """
        namespace Shop
        {
            public record Order(int Number);
            public class Busy : System.Exception;
            public class Outer { public class Line<T> { public T? Value { get; set; } } }
            public class Bytes : Libp2p.Codecs.MessageCodec<Order>
            {
                public override int GetSize(Order message) => 0;
                public override void Write(Order message, System.Buffers.IBufferWriter<byte> destination) { }
                public override Order Read(System.Buffers.ReadOnlySequence<byte> source, int maxElements) => new(7);
            }
            public class Lines : Libp2p.Codecs.MessageCodec<Outer.Line<Order?>>
            {
                public override int GetSize(Outer.Line<Order?> message) => 0;
                public override void Write(Outer.Line<Order?> message, System.Buffers.IBufferWriter<byte> destination) { }
                public override Outer.Line<Order?> Read(System.Buffers.ReadOnlySequence<byte> source, int maxElements) => new();
            }
        }
        """;

    private const string User = """
        extern alias @old;
        using System.Collections.Generic;
        using System.Threading.Tasks;
        using Libp2p;
        using OldOrder = @old::Shop.Order;

        [Protocol("/orders/1.0.0"), Codec<@old::Shop.Bytes>, Codec<@old::Shop.Lines>]
        [Limits(MaxMessage = 1000, ExchangeSeconds = 1), ResetCode(0x10001, typeof(@old::Shop.Busy))]
        public partial interface IOrders
        {
            [Id("a")] ValueTask<OldOrder?> PlaceAsync(OldOrder order, CallContext context = default);
            [Id("b"), PerPeer(1)] ValueTask PourAsync(IAsyncEnumerable<@old::Shop.Outer.Line<OldOrder?>> lines, CallContext context = default);
            [Id("c")] ValueTask<string> CountAsync(IAsyncEnumerable<OldOrder> orders, CallContext context = default);
        }

        public class Orders : IOrders
        {
            public ValueTask<OldOrder?> PlaceAsync(OldOrder order, CallContext context) => new(order);
            public ValueTask PourAsync(IAsyncEnumerable<@old::Shop.Outer.Line<OldOrder?>> lines, CallContext context) => default;
            public async ValueTask<string> CountAsync(IAsyncEnumerable<OldOrder> orders, CallContext context)
            {
                int sum = 0;
                await foreach (OldOrder order in orders) { sum += order.Number; }
                return $"{sum}";
            }
        }

        public static class Program
        {
            public static async Task<string> Run()
            {
                IOrders orders = new Orders();
                await using var writer = await orders.OpenCountAsync();
                await writer.WriteAsync(new OldOrder(1));
                await writer.WriteAsync(new OldOrder(2));
                return await writer.CompleteAsync();
            }
        }
        """;

    private static readonly UserProject s_user = new(User)
    {
        Options = new UserProject("").Options.WithNullableContextOptions(NullableContextOptions.Enable),
    };

    [Theory]
    [InlineData("extern alias @old;", "")]
    [InlineData("extern alias @class;", "class", "@class")]
    [InlineData("extern alias @старый;", "старый", "@старый")]
    public async Task Are_named_by_it(string directive, string alias, string written = "@old")
    {
        alias = alias.Length == 0 ? "old" : alias;
        GeneratorRun library = Compile(Library);
        GeneratorRun run = (s_user with
        {
            Source = User.Replace("@old", written, StringComparison.Ordinal),
            References = [Reference(library, alias)],
        }).Generate();

        Assert.Contains(directive.Contains("@class", StringComparison.Ordinal) ? directive : directive.Replace("@", "", StringComparison.Ordinal), run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("global::Shop", run.Text, StringComparison.Ordinal);
        Assert.Equal("14", await UserProject.RunAsync(run, UserProject.Emit(library.Compilation))); // as Read says, twice
    }

    [Fact]
    public void Are_named_by_global_where_that_leads_to_them_as_well()
    {
        GeneratorRun library = Compile(Library);
        GeneratorRun run = (s_user with { References = [Reference(library, "old", "global")] }).Generate();

        Assert.DoesNotContain("old::", run.Text, StringComparison.Ordinal);
        Assert.Empty(run.GeneratedProblems());
    }

    [Fact]
    public void Are_told_from_types_of_the_same_name_in_the_project()
    {
        GeneratorRun run = (s_user with
        {
            Source = User.Replace("public class Orders :", "namespace Shop { public class Order; public class Busy; } public class Orders :", StringComparison.Ordinal),
            References = [Reference(Compile(Library), "old")],
        }).Generate();

        Assert.Empty(run.GeneratedProblems());
        Assert.Empty(run.Whole.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void Of_a_library_that_is_experimental_as_a_whole_draw_no_warning_where_the_declaration_regards_it()
    {
        GeneratorRun run = (s_user with
        {
            Source = User.Replace("using System.Collections", "#pragma warning disable NEW1\nusing System.Collections", StringComparison.Ordinal),
            References = [Reference(Compile("[assembly: System.Diagnostics.CodeAnalysis.Experimental(\"NEW1\")]\n" + Library), "old")],
        }).Generate();

        Assert.Contains("#pragma warning disable NEW1", run.Text, StringComparison.Ordinal);
        Assert.Empty(run.GeneratedProblems());
    }

    [Fact]
    public void Two_aliases_are_both_declared_in_an_order_of_their_own()
    {
        GeneratorRun one = Compile(Library.Replace("Shop", "One", StringComparison.Ordinal), "One"), two = Compile(Library.Replace("Shop", "Two", StringComparison.Ordinal), "Two");
        GeneratorRun run = (s_user with
        {
            Source = """
                extern alias b;
                extern alias a;
                using Libp2p;

                [Protocol("/orders/1.0.0"), Codec<a::One.Bytes>, Codec<b::Two.Bytes>]
                public partial interface IOrders
                {
                    System.Threading.Tasks.ValueTask<a::One.Order> ConvertAsync(b::Two.Order order, CallContext context = default);
                }
                """,
            References = [Reference(one, "a"), Reference(two, "b")],
        }).Generate();

        Assert.Contains("\nextern alias a;\nextern alias b;\n", run.Text, StringComparison.Ordinal);
        Assert.Empty(run.GeneratedProblems());
    }

    private static GeneratorRun Compile(string library, string name = "Library")
    {
        GeneratorRun run = (s_user with { Source = library }).Generate();
        return new GeneratorRun(run.Compilation.WithAssemblyName(name));
    }

    private static PortableExecutableReference Reference(GeneratorRun library, params string[] aliases) =>
        MetadataReference.CreateFromImage(UserProject.Emit(library.Compilation), new MetadataReferenceProperties(aliases: [.. aliases]));
}
