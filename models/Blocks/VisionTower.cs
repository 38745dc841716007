namespace OnnxTimm.Models;

/// <summary>
/// What the image encoders of language models have in common: patches in rows and columns, blocks with rotary
/// positions, and an end that gives tokens, or classifies by the mean of them with a norm without parameters.
/// </summary>
public static class VisionTower
{
    /// <summary>Rows and columns of patches.</summary>
    /// <exception cref="UserException">They do not fill the image.</exception>
    public static (int H, int W) GridOf(Value image, int patch) => image.Height % patch + image.Width % patch == 0
        ? (image.Height / patch, image.Width / patch)
        : throw new UserException($"An image of {image.Height}x{image.Width} is not whole patches of {patch}x{patch}.");

    /// <summary>The blocks, numbered below <c>blocks</c>; the map of each is a tap under its own name.</summary>
    /// <param name="x">Tokens [N, h * w, D].</param>
    /// <param name="s">Scope of the encoder.</param>
    /// <param name="depth">Number of blocks.</param>
    /// <param name="grid">Rows and columns of tokens.</param>
    /// <param name="net">The network.</param>
    /// <param name="block">Emits a block.</param>
    public static Value Blocks(Value x, Scope s, int depth, (int H, int W) grid, Net net,
        Func<Value, Scope, Place, Value> block)
    {
        foreach (var b in net.Blocks([depth]))
        {
            var at = s["blocks"][b.Index];
            x = net.Tap(at.Prefix, block(x, at, b), tokens => tokens.ToMap(grid.H, grid.W));
        }
        return x;
    }

    /// <summary>Rotary positions that count patches, of as many frequencies as a head of a width has pairs.</summary>
    public static Rope RopeOf(Graph graph, (int H, int W) grid, int headWidth) => Rope.Of(
        graph, Rope.Positions(grid), Rope.Bands(headWidth / 4, 10000), RopePairs.Halves);

    /// <summary>Attention with rotary positions: <c>qkv</c>, <c>proj</c>.</summary>
    public static Value RotaryAttention(this Value x, Scope s, int heads, Rope rope, Place place) =>
        x.Qkv(s, heads).OnQk(rope.Rotate).Attend(dropout: place.AttnDrop).MergeHeads()
            .Linear(s["proj"], x.Features).Dropout(place.ProjDrop);

    /// <summary>Tokens [N, h * w, D] as [N, h, w, D].</summary>
    public static Value ToRows(this Value tokens, (int H, int W) grid) =>
        tokens.Reshape(tokens.Shape[0], grid.H, grid.W, tokens.Features).As(Layout.ChannelsLast);

    /// <summary>
    /// Joins the tokens of each square of a map [N, H, W, D]: [N, H / side * W / side, side * side * D].
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="side">Side of a square, which divides those of the map.</param>
    /// <param name="byChannel">A channel's values lie together, not a token's.</param>
    public static Value JoinSquares(this Value map, int side, bool byChannel)
    {
        var (height, width, dim) = (map.Height / side, map.Width / side, map.Features);
        var squares = map.Reshape(map.Shape[0], height, side, width, side, dim);
        squares = byChannel ? squares.Transpose(0, 1, 3, 5, 2, 4) : squares.Transpose(0, 1, 3, 2, 4, 5);
        return squares.Reshape(map.Shape[0], height * width, side * side * dim);
    }

    /// <summary>The mean of tokens, normed, and a linear layer <c>head</c>.</summary>
    /// <param name="tokens">Tokens [N, L, D].</param>
    /// <param name="s">Scope of the whole.</param>
    /// <param name="net">The network.</param>
    /// <param name="norm">A norm without parameters.</param>
    public static Value Classify(Value tokens, Scope s, Net net, Func<Value, Value> norm) =>
        net.Head(tokens, new(s["head"])
        {
            PoolBy = (x, name) => GlobalPool.Of(x, name, among: ["avg"]),
            Norm = norm,
        });

    /// <summary>An encoder's own end: tokens, as they are.</summary>
    /// <exception cref="UserException">Classes are asked for.</exception>
    public static Value Encoded(Value tokens, Net net) => net.NumClasses == 0
        ? net.Heads([], _ => tokens)
        : throw NoClassifier();

    /// <summary>What is said to somebody who asks an encoder for classes.</summary>
    public static UserException NoClassifier() =>
        new("This encoder gives tokens and has no classifier: ask for 0 classes, or for the network around it.");
}
