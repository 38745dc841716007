using System.Runtime.InteropServices;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Images that a network is measured on, prepared as they will be in use.</summary>
/// <param name="Data">The images.</param>
/// <param name="Config">How an image becomes the input.</param>
/// <param name="Workers">Threads that decode and compute.</param>
public sealed record CalibrationImages(IDataset Data, DataConfig Config, int Workers)
{
    /// <summary>What is wrong with images that cannot be read, by their numbers.</summary>
    public SortedDictionary<int, string> Faults { get; } = [];

    /// <summary>Is told by any thread which pass over the images it is, from 1, and how many are done.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Passes that have begun.</summary>
    internal int Passes { get; set; }
}

/// <summary>Measures tensors of a network on images: some at a time, so that memory is bounded.</summary>
public static class Calibrator
{
    /// <summary>Bytes of tensors that a worker looks at in one pass over the images.</summary>
    const long MostBytes = 256 << 20;

    /// <summary>Statistics of values by their names; the same for any number of workers.</summary>
    /// <param name="graph">The network, with one input.</param>
    /// <param name="values">What to measure: inputs of the graph and results of nodes.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="UserException">No image could be read, or a number is not finite.</exception>
    public static IReadOnlyDictionary<string, TensorStatistics> Measure(
        Graph graph, IEnumerable<Value> values, CalibrationImages images) =>
        Measure(graph, values, images, v => new TensorStatistics(Channels(v), Rows(v)));

    /// <summary>The same of other statistics.</summary>
    /// <param name="graph">The network, with one input.</param>
    /// <param name="values">What to measure: inputs of the graph and results of nodes.</param>
    /// <param name="images">The images.</param>
    /// <param name="start">Statistics of a value before any image.</param>
    /// <exception cref="UserException">No image could be read, or a number has no statistics.</exception>
    internal static IReadOnlyDictionary<string, T> Measure<T>(Graph graph, IEnumerable<Value> values,
        CalibrationImages images, Func<Value, T> start) where T : IStatistics<T>
    {
        var all = new Dictionary<string, T>();
        foreach (var pass in Passes([.. values.Distinct()]))
            foreach (var (name, statistics) in MeasurePass(graph, pass, images, start))
                all.Add(name, statistics);
        return all;
    }

    /// <summary>Channels of maps [N, C, H, W] and of features [N, C] are told apart.</summary>
    static int Channels(Value v) => v.Shape.Rank is 2 or 4 && v.Shape[1].IsFixed ? (int)v.Shape[1].Size : 0;

    /// <summary>How many rows of a value's first axis are of one image: windows, or tokens.</summary>
    internal static int Rows(Value v) =>
        v.Shape.Rank == 0 ? 1 : (int)Math.Max(1, v.Shape[0].Factor / v.Graph.Inputs[0].Shape[0].Factor);

    /// <summary>Values whose tensors fit in memory together.</summary>
    static IEnumerable<Value[]> Passes(Value[] values)
    {
        var (pass, bytes) = (new List<Value>(), 0L);
        foreach (var v in values)
        {
            var size = v.Shape.Count.Factor * sizeof(float);
            if (pass.Count > 0 && bytes + size > MostBytes)
            {
                yield return [.. pass];
                pass.Clear();
                bytes = 0;
            }
            pass.Add(v);
            bytes += size;
        }
        if (pass.Count > 0)
            yield return [.. pass];
    }

    static Dictionary<string, T> MeasurePass<T>(
        Graph graph, Value[] values, CalibrationImages images, Func<Value, T> start) where T : IStatistics<T>
    {
        var computed = values.Where(v => v.Role == Role.Node).ToArray();
        // What is measured must be there; without anything to measure but the input the network is not run at all.
        var probe = Rewrite.Select(graph, [(graph.Inputs[0].Name, graph.Inputs[0])],
            computed.Length > 0 ? computed : [graph.Outputs[0]]);
        using var session = Session.Load(OnnxFile.ToBytes(probe), graph.Name, new() { Threads = 1, Spin = false });
        var batch = session.Inputs[0].Shape[0] is { IsFixed: true } size ? (int)size.Size : 1;
        var (mine, pass, done) = (new List<Worker<T>>(), ++images.Passes, 0);
        var loop = new ImageLoop(session, images.Config, images.Data, batch);
        loop.Run(images.Workers, binding =>
        {
            var worker = new Worker<T>(binding, values, computed, batch, images.Config.Channels)
            {
                Statistics = Array.ConvertAll(values, v => start(v)),
            };
            lock (mine)
                mine.Add(worker);
            return (first, good) =>
            {
                worker.Take(first, good);
                images.Progress?.Invoke(pass, Interlocked.Add(ref done, good.Length));
            };
        }, (i, e) =>
        {
            lock (images.Faults)
                images.Faults[i] = e.Message;
        });
        Check([.. mine.SelectMany(w => w.Seen)], images);
        foreach (var other in mine.Skip(1))
            for (var i = 0; i < values.Length; i++)
                mine[0].Statistics[i].Add(other.Statistics[i]);
        return values.Zip(mine[0].Statistics, (v, sum) => (v.Name, sum)).ToDictionary();
    }

    /// <exception cref="UserException">What was seen tells nothing about images.</exception>
    static void Check((int Hash, bool IsFlat)[] seen, CalibrationImages images)
    {
        if (seen.Length == 0)
            throw new UserException($"None of the {images.Data.Count} images of the calibration could be read. The "
                + $"first: {images.Faults.Values.FirstOrDefault("there is none")}");
        if (seen.All(s => s.IsFlat))
            throw new UserException($"The {seen.Length} images of the calibration have one colour each: no range can "
                + "be measured on them.");
        if (seen.Length > 1 && seen.DistinctBy(s => s.Hash).Count() == 1)
            throw new UserException($"The {seen.Length} images of the calibration are all the same: ranges would fit "
                + "that one only.");
    }

    /// <summary>What one thread has seen.</summary>
    sealed class Worker<T>(Binding binding, Value[] values, Value[] computed, int batch, int channels)
        where T : IStatistics<T>
    {
        public required T[] Statistics { get; init; }

        /// <summary>A hash of each image, and whether each of its channels is of one value.</summary>
        public List<(int Hash, bool IsFlat)> Seen { get; } = [];

        public void Take(int first, ReadOnlySpan<bool> good)
        {
            Look(good);
            for (var i = 0; i < values.Length; i++)
            {
                var output = Array.IndexOf(computed, values[i]);
                var numbers = output < 0 ? binding.Input<float>() : binding.Output<float>(output);
                var size = numbers.Length / batch;
                for (var image = 0; image < good.Length; image++)
                    if (good[image])
                        Statistics[i].Add(values[i].Name, numbers.Slice(image * size, size));
            }
        }

        void Look(ReadOnlySpan<bool> good)
        {
            var pixels = binding.Input<float>();
            var size = pixels.Length / batch;
            for (var i = 0; i < good.Length; i++)
                if (good[i])
                {
                    var image = pixels.Slice(i * size, size);
                    var hash = new HashCode();
                    hash.AddBytes(MemoryMarshal.AsBytes(image));
                    var plane = size / channels;
                    var isFlat = true;
                    for (var c = 0; c < channels && isFlat; c++)
                        isFlat = !image.Slice(c * plane, plane).ContainsAnyExcept(image[c * plane]);
                    Seen.Add((hash.ToHashCode(), isFlat));
                }
        }
    }
}
