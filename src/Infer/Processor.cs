using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Infer;

/// <summary>What this processor has for sums of products of 8-bit numbers.</summary>
public static class Processor
{
    /// <summary>Its instructions, the quickest first: "avx512-vnni", "avx-vnni", "avx2", "dotprod" or none.</summary>
    public static IReadOnlyList<string> Instructions { get; } =
    [
        .. X86Base.IsSupported && Has(7, 0, Register.Ecx, 11) ? ["avx512-vnni"] : Array.Empty<string>(),
        .. X86Base.IsSupported && Has(7, 1, Register.Eax, 4) ? ["avx-vnni"] : Array.Empty<string>(),
        .. Avx2.IsSupported ? ["avx2"] : Array.Empty<string>(),
        .. Dp.IsSupported ? ["dotprod"] : Array.Empty<string>(),
    ];

    /// <summary>
    /// Whether sums of two products overflow 16 bits in the runtime's kernels: x64 without dot-product instructions.
    /// </summary>
    public static bool Saturates => X86Base.IsSupported
        && !Instructions.Any(i => i.EndsWith("vnni", StringComparison.Ordinal));

    enum Register
    {
        Eax,
        Ecx,
    }

    static bool Has(int leaf, int subleaf, Register register, int bit)
    {
        if (X86Base.CpuId(0, 0).Eax < leaf)
            return false;
        var (eax, _, ecx, _) = X86Base.CpuId(leaf, subleaf);
        return ((register == Register.Eax ? eax : ecx) >> bit & 1) == 1;
    }
}
