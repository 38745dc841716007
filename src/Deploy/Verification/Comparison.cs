using System.Collections.Concurrent;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Deploy;

/// <summary>Two files on the same images, each prepared as the file says.</summary>
/// <param name="Images">Images that both could be run on.</param>
/// <param name="Same">Images of which the first output of both has its largest number at the same place.</param>
/// <param name="Worst">The largest <see cref="Distance"/> of an image's first output.</param>
/// <param name="WorstImage">That image.</param>
/// <param name="Tolerance">How far it may be: what the coarser of both types allows.</param>
/// <param name="Faults">A message for each image that cannot be read.</param>
public sealed record Comparison(
    int Images, int Same, double Worst, string WorstImage, double Tolerance, IReadOnlyCollection<string> Faults)
{
    /// <summary>Whether both give the same.</summary>
    public bool IsEqual => Worst <= Tolerance;

    /// <summary>Runs both.</summary>
    /// <param name="first">The file that is right.</param>
    /// <param name="second">The other.</param>
    /// <param name="data">The images.</param>
    /// <param name="workers">Threads that decode and compute.</param>
    /// <param name="device">Where both run; the processor by default.</param>
    /// <exception cref="UserException">A file cannot be run, their outputs differ in kind, or no image can be read.
    /// </exception>
    public static Comparison Of(string first, string second, IDataset data, int workers, Device? device = null)
    {
        var (a, b) = (Side.Run(first, data, workers, device), Side.Run(second, data, workers, device));
        int[] images = [.. Enumerable.Range(0, data.Count).Where(i => a.Rows[i] is not null && b.Rows[i] is not null)];
        if (images.Length == 0)
            throw new UserException($"None of the {data.Count} images could be read. {a.Faults.FirstOrDefault()}");
        if (a.Rows[images[0]]!.Length != b.Rows[images[0]]!.Length)
            throw new UserException($"\"{first}\" gives {a.Port}, \"{second}\" {b.Port}: they cannot be compared.");
        var (worst, at) = images.Select(i => (Distance.Of(b.Rows[i], a.Rows[i]), i)).MaxBy(pair => pair.Item1);
        return new(images.Length, images.Count(i => Top(a.Rows[i]!) == Top(b.Rows[i]!)), worst, data.Name(at),
            Math.Max(a.Tolerance, b.Tolerance), [.. a.Faults.Union(b.Faults)]);
    }

    static int Top(float[] row) => Logits.Top(row, 1).Index[0];

    /// <summary>What a file gives for all images.</summary>
    sealed record Side(Port Port, float[]?[] Rows, double Tolerance, IReadOnlyCollection<string> Faults)
    {
        public static Side Run(string file, IDataset data, int workers, Device? device)
        {
            using var session = Session.Open(file,
                new() { Threads = 1, Spin = false, Device = device ?? new RuntimeOptions().Device });
            var card = ModelCard.Read(session.Metadata, file) ?? throw new UserException(
                $"\"{file}\" does not say how images are prepared: only exports can be compared on images.");
            var batch = session.Inputs[0].Shape[0] is { IsFixed: true } size ? (int)size.Size : 1;
            var (rows, faults) = (new float[]?[data.Count], new ConcurrentDictionary<int, string>());
            new ImageLoop(session, card.Preprocess, data, batch).Run(workers, binding => (index, good) =>
            {
                var all = binding.Floats() ?? throw new UserException($"\"{file}\" gives no numbers.");
                var each = all.Length / batch;
                for (var i = 0; i < good.Length; i++)
                    if (good[i])
                        rows[index + i] = all[(i * each)..((i + 1) * each)];
            }, (i, e) => faults[i] = e.Message);
            var golden = GoldenDigest.Read(session.Metadata, file);
            return new(session.Outputs[0], rows,
                golden?.Tolerance ?? Distance.Tolerance(FileRecipe.TypeOf(session.Metadata)),
                [.. faults.OrderBy(f => f.Key).Select(f => f.Value)]);
        }
    }
}
