// So that a run of all other tests can leave these out: --filter "Category!=Interop".
[assembly: AssemblyTrait("Category", "Interop")]
