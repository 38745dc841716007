using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Names in archives of many makers: what GNU tar would extract, under names that stay different.</summary>
[TestClass]
public sealed class TarNameTests : IDisposable
{
    static readonly byte[] Content = [1, 2, 3];

    readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void NamesThatAreNotUtf8StayDifferent()
    {
        using var data = Open(Tars.Member("caf\xE9/1.jpg", Content), Tars.Member("caf\xE8/1.jpg", Content));
        CollectionAssert.AreEqual((string[])["caf\\xE8/1.jpg=0", "caf\\xE9/1.jpg=1"], Rows(data));
    }

    [TestMethod]
    public void StepsThatLeadNowhereAreDropped()
    {
        using var data = Open(Tars.Member("cat//1.jpg", Content), Tars.Member("dog/./2.jpg", Content),
            Tars.Member(".//emu/3.jpg", Content), Tars.Member("/fox/4.jpg", Content));
        CollectionAssert.AreEqual((string[])["cat/1.jpg=0", "dog/2.jpg=1", "emu/3.jpg=2", "fox/4.jpg=3"], Rows(data));
    }

    [TestMethod]
    public void RecordsThatAreNotNeededMayBeLong()
    {
        using var data = Open(
            Tars.Pax(("SCHILY.xattr.user.preview", new string('A', 70_000)), ("path", "cat/1.jpg")),
            Tars.Member("short", Content), Tars.Member("dog/2.jpg", Content));
        CollectionAssert.AreEqual((string[])["cat/1.jpg=0", "dog/2.jpg=1"], Rows(data));
        CollectionAssert.AreEqual(Content, data.Read(0, new FileBuffer()).ToArray());
    }

    [TestMethod]
    public void NamesTooLongOrRecordsDamagedAreNamed()
    {
        Fails("a name of 70000 bytes", Tars.Pax(("path", new string('A', 70_000))));
        Fails("the pax header at byte 512 is damaged", Tars.Member("x", "999999 path=a\n"u8.ToArray(), 'x'));
        Fails("the pax header at byte 512 is damaged", Tars.Member("x", "path=a\n"u8.ToArray(), 'x'));
    }

    /// <summary>The four forms in which GNU tar writes a file with gaps.</summary>
    public static IEnumerable<object[]> Sparse =>
    [
        [Tars.Member("cat/1.jpg", Content, 'S', h => Tars.Put(h, 483, "00000004000"))],
        [Extended()],
        [(byte[])[.. Tars.Pax(("GNU.sparse.size", "2048"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.offset", "0"),
            ("GNU.sparse.numbytes", "3")), .. Tars.Member("cat/1.jpg", Content)]],
        [(byte[])[.. Tars.Pax(("GNU.sparse.size", "2048"), ("GNU.sparse.map", "0,3"), ("GNU.sparse.name", "cat/1.jpg")),
            .. Tars.Member("cat/GNUSparseFile.7/1.jpg", Content)]],
        [(byte[])[.. Tars.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "cat/1.jpg"),
            ("path", "cat/GNUSparseFile.7/1.jpg")), .. Tars.Member("cat/GNUSparseFile.7/1.jpg", Content)]],
    ];

    [TestMethod]
    [DynamicData(nameof(Sparse))]
    public void SparseFilesAreNamedAndNotRead(byte[] member)
    {
        using var data = Open(member, Tars.Member("dog/2.jpg", Content));
        CollectionAssert.AreEqual((string[])["cat/1.jpg=0", "dog/2.jpg=1"], Rows(data));
        Assert.Contains("cat/1.jpg is a sparse file",
            Assert.ThrowsExactly<UserException>(() => data.Read(0, new FileBuffer()).Length).Message);
        CollectionAssert.AreEqual(Content, data.Read(1, new FileBuffer()).ToArray());
    }

    [TestMethod]
    public void AnArchiveThatEndsWithinAHeaderIsNamed()
    {
        byte[] whole = [.. Tars.Member("cat/1.jpg", Content), .. Tars.Member("dog/2.jpg", Content)];
        File.WriteAllBytes(folder["data.tar"], whole[..1100]);
        Assert.Contains("is cut short within the header at byte 1024", Assert.ThrowsExactly<UserException>(() =>
            Dataset.Open(folder["data.tar"])).Message);
        File.WriteAllBytes(folder["data.tar"], whole[..1024]);
        using var first = Dataset.Open(folder["data.tar"]);
        Assert.AreEqual(1, first.Count);
    }

    /// <summary>What a member claims is compared with the file, and nothing is allocated for it.</summary>
    [TestMethod]
    public void ClaimsBeyondTheFileAreRefused()
    {
        Fails("has 8589934591 bytes", Tars.Member("cat/1.jpg", Content, change: h => Tars.Put(h, 124, "77777777777")));
        Fails("has 9000000000000000000 bytes", Tars.Pax(("size", "9000000000000000000")),
            Tars.Member("cat/1.jpg", Content));
    }

    static byte[] Extended()
    {
        var member = Tars.Member("cat/1.jpg", Content, 'S', h => h[482] = 1);
        return [.. member[..512], .. new byte[504], 1, .. new byte[7], .. new byte[512], .. member[512..]];
    }

    IDataset Open(params byte[][] members)
    {
        Tars.Write(folder["data.tar"], members);
        return Dataset.Open(folder["data.tar"]);
    }

    void Fails(string message, params byte[][] members) =>
        Assert.Contains(message, Assert.ThrowsExactly<UserException>(() => Open(members).Dispose()).Message);

    static string[] Rows(IDataset data) =>
        [.. Enumerable.Range(0, data.Count).Select(i => $"{data.Name(i)}={data.Label(i)}")];
}
