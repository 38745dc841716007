namespace OnnxTimm.Data;

/// <summary>
/// The Huffman tables of the standard's example (ITU-T T.81, annex K.3), which the frames of motion JPEG leave out:
/// cameras send them so.
/// </summary>
static class StandardTables
{
    static readonly HuffmanTable[] Dc =
    [
        Table(false, "00010501010101010100000000000000" + "000102030405060708090a0b"),
        Table(false, "00030101010101010101010000000000" + "000102030405060708090a0b"),
    ];

    static readonly HuffmanTable[] Ac =
    [
        Table(true, "0002010303020403050504040000017d"
            + "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435"
            + "363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798"
            + "999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4"
            + "f5f6f7f8f9fa"),
        Table(true, "00020102040403040705040400010277"
            + "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a"
            + "35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a9293949596"
            + "9798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4"
            + "f5f6f7f8f9fa"),
    ];

    /// <summary>The table of a number: 0 of brightness, 1 of colour; null for others.</summary>
    public static HuffmanTable? Of(int id, bool isAc) => id < 2 ? (isAc ? Ac : Dc)[id] : null;

    static HuffmanTable Table(bool isAc, string hex) =>
        HuffmanTable.TryRead(Convert.FromHexString(hex), isAc, out _)!;
}
