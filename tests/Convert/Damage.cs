using System.Diagnostics;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Opens a damaged file and reads all that it gives, within bounds of time and memory.</summary>
static class Damage
{
    const long MaxAllocated = 64 << 20;
    const int MaxMilliseconds = 5000;

    /// <summary>A result or one message passes; any other exception fails.</summary>
    public static void Try(string path, byte[] content, string what)
    {
        File.WriteAllBytes(path, content);
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var opened = Checkpoint.Open(path);
            foreach (var tensor in opened.Values)
                Assert.HasCount((int)tensor.ByteCount, tensor.Bytes.ToArray());
        }
        catch (UserException e)
        {
            StringAssert.Contains(e.Message, Path.GetDirectoryName(path));
        }
        catch (Exception e) when (e is not AssertFailedException)
        {
            Assert.Fail($"{what}: {e}");
        }
        Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before, what);
        Assert.IsLessThan(MaxMilliseconds, watch.ElapsedMilliseconds, what);
    }
}
