using OnnxTimm.Data;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// The way from an image file's pixels to the input, as operators before the network: a uint8 image [1, H, W, 3] of any
/// size is resized, cut and normalised. It is resized by a matrix a side, whose numbers the graph makes of the image's
/// size, or, where that is to be had, by ONNX's Resize with antialias, which is quicker. Weights and rounding are
/// Pillow's (Resample.c), but for sums in float32.
/// </summary>
public static class ImageFront
{
    /// <summary>Name of the input.</summary>
    public const string Input = "image";

    /// <summary>The first opset that has all its operators in the forms that it uses.</summary>
    const int Since = 15;

    /// <summary>The opset since which Resize has antialias.</summary>
    const int SinceAntialias = 18;

    /// <summary>The network behind its preprocessing.</summary>
    /// <param name="graph">A network for images [N, 3, H, W], or for one of them.</param>
    /// <param name="config">How an image becomes the input.</param>
    /// <param name="antialiases">Whether who runs it has a Resize with antialias.</param>
    /// <exception cref="UserException">Such preprocessing has no such form.</exception>
    public static Graph Put(Graph graph, DataConfig config, bool antialiases)
    {
        Check(graph, config);
        // ONNX's linear kernel repeats the pixels of an edge, where Pillow leaves out what is beyond.
        Func<Value, DataConfig, Value> resized = antialiases && graph.Opset >= SinceAntialias
            && config.Interpolation == Interpolation.Bicubic ? Resize : ByMatrices;
        return Rewrite.Behind(graph, target =>
        {
            var image = target.Input(Input, DType.UInt8, new(1, new Dim(1, "height"), new Dim(1, "width"), 3));
            return Planes(image, config, resized).Cast(graph.Inputs[0].Type);
        });
    }

    static void Check(Graph graph, DataConfig config)
    {
        void Refuse(bool isSo, string what)
        {
            if (isSo)
                throw new UserException($"--embed-preprocess: {what}.");
        }

        Refuse(config.Channels != 3, $"images have 3 channels, {graph.Name} takes {config.Channels}");
        Refuse(config.Interpolation is not (Interpolation.Bilinear or Interpolation.Bicubic),
            $"bilinear and bicubic have a form as matrices, {config.Interpolation.ToString().ToLowerInvariant()} not");
        Refuse(config.CropMode == CropMode.Border || config.CropPct > 1,
            "an image with a border around it is not made in the graph");
        Refuse(graph.Opset < Since, $"opset {Since} is needed, not {graph.Opset}");
        Refuse(graph.Inputs is not [{ Shape: { IsKnown: true, Rank: 4 } shape }]
            || shape.Skip(1).Any(d => !d.IsFixed) || shape[0] is { IsFixed: true, Factor: not 1 },
            $"one image of a fixed size goes in at a time, {graph.Name} takes {graph.Inputs[0].Shape}");
    }

    static Value Planes(Value image, DataConfig config, Func<Value, DataConfig, Value> resized)
    {
        var border = config.CropBorderPixels;
        if (border > 0)
            image = image.Slice([1, 2], [border, border], [-border, -border]);
        var x = resized(image, config);
        return ((x / 255 - PerChannel(x.Graph, config.Mean)) / PerChannel(x.Graph, config.Std))
            .Reshape(1, 3, config.Height, config.Width);
    }

    static Value Resize(Value image, DataConfig config)
    {
        var to = Resized(SizeOf(image), config);
        return image.Transpose(0, 3, 1, 2).ResizeCubic(to.Height, to.Width)
            .Gather(Middle(to.Height, config.Height), 2).Gather(Middle(to.Width, config.Width), 3).Cast(DType.Float32);
    }

    static Value ByMatrices(Value image, DataConfig config)
    {
        var size = SizeOf(image);
        var to = Resized(size, config);
        var x = image.Transpose(0, 3, 1, 2).Cast(DType.Float32);
        x = Pixels(x.MatMul(Taps(size.Width, to.Width, config.Width, config.Interpolation).Transpose(1, 0)));
        return Pixels(Taps(size.Height, to.Height, config.Height, config.Interpolation).MatMul(x));
    }

    static Edges SizeOf(Value image) => new(image.ShapeOf(1, 2), image.ShapeOf(2, 3));

    /// <summary>Numbers of the pixels in the middle of a side.</summary>
    static Value Middle(Value side, int cut) => First(side, cut)
        + side.Graph.Const(Tensor.Ints([.. Enumerable.Range(0, cut).Select(i => (long)i)]));

    /// <summary>Whole numbers from 0 to 255, as Pillow stores between its passes.</summary>
    static Value Pixels(Value x) => (x + 0.5).Floor().Clip(0, 255);

    /// <summary>The sizes that <see cref="EvalTransform"/> resizes to, before it cuts.</summary>
    static Edges Resized(Edges size, DataConfig config)
    {
        var graph = size.Width.Graph;
        Value Whole(double x) => graph.Const(Tensor.Ints((long)x));
        var (width, height) = (Whole(Math.Floor(config.Width / config.CropPct)),
            Whole(Math.Floor(config.Height / config.CropPct)));
        if (config.CropMode == CropMode.Squash)
            return new(height, width);
        if (config.Width == config.Height)
        {
            var shorter = size.Width.Min(size.Height);
            return new(height * size.Height / shorter, width * size.Width / shorter);
        }
        Value Double(Value x) => x.Cast(DType.Float64);
        var ratio = (Double(size.Height) / Double(height)).Min(Double(size.Width) / Double(width));
        return new((Double(size.Height) / ratio).Round().Cast(DType.Int64),
            (Double(size.Width) / ratio).Round().Cast(DType.Int64));
    }

    /// <summary>Weights [cut, from] of a side: those of the middle of what it is resized to.</summary>
    static Value Taps(Value from, Value to, int cut, Interpolation filter)
    {
        var graph = from.Graph;
        var (old, now) = (from.Cast(DType.Float32), to.Cast(DType.Float32));
        var places = graph.Const(Tensor.Of([.. Enumerable.Range(0, cut).Select(i => i + 0.5f)], cut));
        var centers = ((places + First(to, cut).Cast(DType.Float32)) * old / now).Unsqueeze(1);
        var pixels = graph.Scalar(0, DType.Int64).Range(from.Squeeze(0), graph.Scalar(1, DType.Int64));
        return Layers.WidenedWeights(pixels.Cast(DType.Float32), centers, old / now, filter == Interpolation.Bicubic);
    }

    /// <summary>Half of what is cut off, rounded to even.</summary>
    static Value First(Value to, int cut)
    {
        Value Whole(long x) => to.Graph.Const(Tensor.Ints(x));
        var rest = to - Whole(cut);
        var half = rest / Whole(2);
        return half + (rest - half * Whole(2)) * (half - half / Whole(2) * Whole(2));
    }

    static Value PerChannel(Graph graph, IReadOnlyList<double> values) =>
        graph.Const(Tensor.Of([.. values.Select(v => (float)v)], 1, values.Count, 1, 1));

    /// <summary>Height and width, int64 [1] each.</summary>
    readonly record struct Edges(Value Height, Value Width);
}
