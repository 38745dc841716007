using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm;

/// <summary>A network that takes images of any size.</summary>
/// <param name="Other">The same for images of another height and width.</param>
/// <param name="Multiple">What height and width are multiples of.</param>
sealed record Sizes(Graph Other, int Multiple)
{
    /// <summary>Sizes that are tried, of multiples of 32; then one that is odd.</summary>
    static readonly (int Height, int Width)[] Even = [(160, 192), (256, 320)];
    static readonly (int Height, int Width) Odd = (193, 225);

    /// <exception cref="UserException">The network depends on the size, which is named.</exception>
    public static Sizes Of(Model model, ExportOptions options)
    {
        Graph Built((int, int) size) => ScoreTail.Apply(
            Model.Build(model.Record, model.Net.Options with { ImgSize = size }).Graph, options.Softmax, options.TopK);
        Graph[] even = [.. Even.Select(Built)];
        Graph? odd;
        try
        {
            odd = Built(Odd);
        }
        catch (UserException)
        {
            odd = null;
        }
        foreach (var other in odd is null ? even : [.. even, odd])
            if (AnySize.Difference(model.Graph, other) is { } what)
                throw new UserException($"{model.Graph.Name} takes images of one size: {what}.");
        return new(even.First(g => g.Inputs[0].Shape[2] != model.Graph.Inputs[0].Shape[2]
            && g.Inputs[0].Shape[3] != model.Graph.Inputs[0].Shape[3]), odd is null ? 32 : 1);
    }
}
