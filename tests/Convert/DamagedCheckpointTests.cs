namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Damages good files in every place. Whatever comes out is a result or one message: no other exception, no hang, no
/// memory for what is only claimed.
/// </summary>
[TestClass]
public sealed class DamagedCheckpointTests
{
    static readonly byte[] Flips = [0xff, 0x80, 0x01];

    public static IEnumerable<object[]> Files =>
        new[]
        {
            "zip.pth", "legacy.pth", "dtypes.pth", "dtypes.safetensors", "nested_model.pth", "parameters.pth",
            "plain.safetensors", "protocol4.pth", "tied.pth", "timm_checkpoint.pth.tar", "unicode.pth", "views.pth",
            "views_legacy.pth", "sharded/model.safetensors.index.json", "../ort-training/checkpoint_after",
        }.Select(file => new object[] { file });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void SampledDamageEndsInAMessage(string file) => DamageEverywhere(file, places: 250);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Files))]
    public void AnyDamageEndsInAMessage(string file) => DamageEverywhere(file, places: int.MaxValue);

    static void DamageEverywhere(string file, int places)
    {
        var folder = Directory.CreateTempSubdirectory("onnxtimm-damage-");
        try
        {
            foreach (var shard in Directory.GetFiles(Paths.Golden("pytorch", "sharded"), "*.safetensors"))
                File.Copy(shard, Path.Combine(folder.FullName, Path.GetFileName(shard)));
            var content = File.ReadAllBytes(Paths.Golden("pytorch", file));
            foreach (var (what, damaged) in Damages(content, content.Length / places + 1))
                Damage.Try(Path.Combine(folder.FullName, "damaged"), damaged, $"{file}, {what}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static IEnumerable<(string What, byte[] Content)> Damages(byte[] content, int step)
    {
        for (var length = 0; length < content.Length; length += step)
            yield return ($"cut to {length}", content[..length]);
        for (var at = 0; at < content.Length; at += step)
            foreach (var flip in Flips)
            {
                var damaged = content.ToArray();
                damaged[at] ^= flip;
                yield return ($"byte {at} ^ {flip:x2}", damaged);
            }
    }
}
