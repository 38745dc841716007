using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Which sizes of images a name of timm's is built for: odd ones, whole patches or windows, others.</summary>
[TestClass]
public sealed class SizesTests
{
    static IEnumerable<JsonElement> Rows => GoldenZoo.Rows(Paths.Golden("zoo", "sizes.jsonl.gz"));

    [TestMethod]
    public void ASampleTakesTheSizesThatTimmTakes() => Check(Asked.Sample(Rows, Name, 20));

    [TestMethod]
    [TestCategory("all")]
    public void EveryModelTakesTheSizesThatTimmTakes() => Check(Asked.Sample(Rows, Name, int.MaxValue));

    static void Check(IEnumerable<JsonElement> rows)
    {
        string[] faults =
        [
            .. from row in rows
               from kind in new[] { "taken", "refused" }
               from size in row.GetProperty(kind).EnumerateArray()
               let says = Build(Name(row), (size[0].GetInt32(), size[1].GetInt32()))
               where says is null != (kind == "taken") || says?.Contains('\n') == true
               select $"{Name(row)} {size}: {kind} by timm, here {says ?? "built"}",
        ];
        Assert.IsEmpty(faults, $"{faults.Length} faults:\n{string.Join("\n", faults)}");
    }

    static string Name(JsonElement row) => row.GetProperty("name").GetString()!;

    /// <summary>What is said against a size, a line for people; null for nothing.</summary>
    static string? Build(string name, (int, int) size)
    {
        try
        {
            Zoo.Build(name, new() { ImgSize = size });
            return null;
        }
        catch (Exception e)
        {
            return e is UserException ? e.Message : $"{e}";
        }
    }
}
