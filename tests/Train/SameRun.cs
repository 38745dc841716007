using OnnxTimm.Conversion;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Two trainings that must have come to the same end.</summary>
static class SameRun
{
    /// <summary>Files and metadata that say how a run came about, not what it came to.</summary>
    static readonly string[] Origins = ["args.yaml", "report.html", ".lock", TrainCheckpoint.ArgsKey, "onnxtimm.sha256"];

    /// <summary>Compares files of two runs, bit by bit.</summary>
    /// <param name="whole">The folder of a run that nothing disturbed.</param>
    /// <param name="run">That of another.</param>
    /// <param name="files">Names of files; all of the first run where there are none.</param>
    public static void Check(string whole, string run, params string[] files)
    {
        if (files.Length == 0)
            files = [.. Directory.GetFiles(whole).Select(f => Path.GetFileName(f)).Except(Origins)];
        foreach (var file in files)
        {
            var (expected, found) = (Path.Combine(whole, file), Path.Combine(run, file));
            Assert.IsTrue(File.Exists(found), $"{found} is not there");
            if (Path.GetExtension(file) == TrainCheckpoint.Extension)
                CheckCheckpoint(expected, found);
            else
                Assert.IsTrue(File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(found)), found);
        }
        Assert.IsEmpty(Directory.GetFiles(run, "*.tmp"));
    }

    static void CheckCheckpoint(string expected, string found)
    {
        using var a = TrainCheckpoint.Read(expected);
        using var b = Read(found);
        CollectionAssert.AreEqual(a.Keys.ToArray(), b.Keys.ToArray());
        foreach (var (name, tensor) in a)
            Assert.IsTrue(tensor.Bytes.Span.SequenceEqual(b[name].Bytes.Span), $"{found}: {name}");
        foreach (var (key, value) in a.Metadata.Where(f => !Origins.Contains(f.Key)))
            Assert.AreEqual(value, b.Metadata[key], $"{found}: {key}");
    }

    /// <summary>A checkpoint that cannot be read is a failure, whatever its message says.</summary>
    static StateDict Read(string path)
    {
        try
        {
            return TrainCheckpoint.Read(path);
        }
        catch (UserException e)
        {
            throw new AssertFailedException(e.Message, e);
        }
    }
}
