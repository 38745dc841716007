namespace OnnxTimm.Data;

/// <summary>A random change of an image. Safe to use from many threads: what is random comes from outside.</summary>
public interface IAugmentation
{
    /// <summary>Returns the image, changed in place, or another in its stead; then the given one is disposed.</summary>
    Image Apply(Image image, CounterRandom random);
}

/// <summary>An augmentation that decides what it does, and says so.</summary>
public interface ITellingAugmentation : IAugmentation
{
    /// <summary>
    /// The same; <paramref name="tell"/> is given what is done, such as "Rotate 27". Null where nobody asks.
    /// </summary>
    Image Apply(Image image, CounterRandom random, Action<string>? tell);

    Image IAugmentation.Apply(Image image, CounterRandom random) => Apply(image, random, null);
}

/// <summary>Applies augmentations of either kind.</summary>
public static class Augmentation
{
    /// <summary>Applies one and tells what was done: what it says itself, or its name.</summary>
    public static Image Apply(this IAugmentation augmentation, Image image, CounterRandom random, Action<string>? tell)
    {
        if (augmentation is ITellingAugmentation telling)
            return telling.Apply(image, random, tell);
        tell?.Invoke(augmentation.GetType().Name);
        return augmentation.Apply(image, random);
    }
}

/// <summary>From one number to another, both included.</summary>
public readonly record struct Interval(double From, double To)
{
    /// <summary>A number between.</summary>
    public double Draw(CounterRandom random) => random.Uniform(From, To);

    /// <summary>A number between, evenly on a logarithmic scale.</summary>
    public double DrawLog(CounterRandom random) => Math.Exp(random.Uniform(Math.Log(From), Math.Log(To)));
}

/// <summary>Applies an augmentation with a probability.</summary>
public sealed record Sometimes(double Probability, IAugmentation Augmentation) : ITellingAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell) =>
        random.Chance(Probability) ? Augmentation.Apply(image, random, tell) : image;
}

/// <summary>Mirrors left and right.</summary>
public sealed record HorizontalFlip : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        Flip.Horizontal(image);
        return image;
    }
}

/// <summary>Mirrors top and bottom.</summary>
public sealed record VerticalFlip : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        Flip.Vertical(image);
        return image;
    }
}

/// <summary>Takes the colour away.</summary>
public sealed record Grayscale : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        Colours.Grayscale(image);
        return image;
    }
}

/// <summary>Blurs with a Gaussian kernel of random width (SimCLR, arXiv:2002.05709).</summary>
public sealed record GaussianBlur(int KernelSize, Interval Sigma) : IAugmentation
{
    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random)
    {
        Blur.Gaussian(image, KernelSize, Sigma.Draw(random));
        return image;
    }
}
