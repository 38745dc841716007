using System.Globalization;
using System.Numerics.Tensors;
using Google.Protobuf;
using OnnxTimm.Data;
using OnnxTimm.Train.TensorBoard.Proto;
using Entry = OnnxTimm.Train.TensorBoard.Proto.Summary.Types.Value;

namespace OnnxTimm.Train.TensorBoard;

/// <summary>A file of events that TensorBoard shows; each call leaves it whole.</summary>
sealed class EventFile
{
    const int Buckets = 64, Rgb = 3;

    readonly string path;

    EventFile(string path) => this.path = path;

    /// <summary>
    /// Begins a file in a folder. TensorBoard reads all of a folder, one after the other, and forgets of the former
    /// ones what they say of this step and later ones: a run that goes on does them again.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="step">The step that comes first.</param>
    public static EventFile Begin(string folder, long step)
    {
        var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        while (File.Exists(PathOf(second)))
            second++;
        var file = new EventFile(PathOf(second));
        file.Append(0, new() { FileVersion = "brain.Event:2" });
        file.Append(step, new() { SessionLog = new() { Status = SessionLog.Types.SessionStatus.Start } });
        return file;

        string PathOf(long second) => Path.Combine(folder,
            string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{second:D10}.onnxtimm"));
    }

    /// <summary>Adds what belongs to a step.</summary>
    public void Add(long step, IEnumerable<Entry> values)
    {
        var summary = new Proto.Summary();
        summary.Value.AddRange(values);
        Append(step, new() { Summary = summary });
    }

    public static Entry Scalar(string tag, double value) =>
        new() { Tag = tag, SimpleValue = (float)value };

    public static Entry Picture(string tag, byte[] file)
    {
        using var image = ImageDecoder.Decode(file, tag);
        return new()
        {
            Tag = tag,
            Image = new()
            {
                Height = image.Height,
                Width = image.Width,
                Colorspace = Rgb,
                EncodedImageString = UnsafeByteOperations.UnsafeWrap(file),
            },
        };
    }

    /// <summary>How numbers are spread, in buckets of the same width; those that are none are left out.</summary>
    public static Entry Histogram(string tag, ReadOnlySpan<float> numbers)
    {
        float[] finite = [.. numbers.ToArray().Where(float.IsFinite)];
        var (min, max) = finite.Length == 0 ? (0.0, 0.0)
            : (TensorPrimitives.Min<float>(finite), TensorPrimitives.Max<float>(finite));
        var width = (max - min) / Buckets;
        var counts = new double[width > 0 ? Buckets : 1];
        foreach (var x in finite)
            counts[Math.Min(counts.Length - 1, width > 0 ? (int)((x - min) / width) : 0)]++;
        var histogram = new HistogramProto
        {
            Min = min,
            Max = max,
            Num = finite.Length,
            Sum = finite.Sum(x => (double)x),
            SumSquares = finite.Sum(x => (double)x * x),
        };
        histogram.BucketLimit.AddRange(counts.Select((_, i) => i == counts.Length - 1 ? max : min + (i + 1) * width));
        histogram.Bucket.AddRange(counts);
        return new() { Tag = tag, Histo = histogram };
    }

    void Append(long step, Event happened)
    {
        happened.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1e3;
        happened.Step = step;
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        TfRecord.Write(stream, happened.ToByteArray());
    }
}
