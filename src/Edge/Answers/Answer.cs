namespace OnnxTimm.Edge;

/// <summary>What the network says of one image; the same one is filled again for the next.</summary>
sealed class Answer
{
    /// <param name="network">The network.</param>
    /// <param name="top">Classes that are wanted; 0 for all.</param>
    public Answer(Network network, int top)
    {
        var k = network.Classes == 0 ? 0 : top == 0 ? network.Classes : Math.Min(top, network.Classes);
        (Index, Prob, Logit) = (new int[k], new float[k], new float[k]);
        Features = new float[network.Features];
    }

    /// <summary>The image's name; null for a frame.</summary>
    public string? Name { get; set; }

    /// <summary>The frame's number, from 0.</summary>
    public long Frame { get; set; }

    /// <summary>How many classes are said.</summary>
    public int Count { get; set; }

    /// <summary>The classes, best first.</summary>
    public int[] Index { get; }

    /// <summary>Their probabilities.</summary>
    public float[] Prob { get; }

    /// <summary>Their scores.</summary>
    public float[] Logit { get; }

    /// <summary>The features, of a network without classes.</summary>
    public float[] Features { get; }
}
