namespace OnnxTimm.Data;

/// <summary>
/// What chance is needed for, the third number of <see cref="CounterRandom.At"/>: each purpose has numbers of its own.
/// </summary>
public static class Purpose
{
    /// <summary>The augmentation of an image.</summary>
    public const int Transform = 0;

    /// <summary>The order of an epoch.</summary>
    public const int Order = 1;

    /// <summary>The mixing of a batch.</summary>
    public const int Mix = 2;

    /// <summary>Which sizes the batches of an epoch have.</summary>
    public const int Sizes = 3;

    /// <summary>The order of those.</summary>
    public const int SizeOrder = 4;

    /// <summary>The augmentation of the second view of an image; those of further ones follow.</summary>
    const int SecondView = 16;

    /// <summary>The first mask of dropout and stochastic depth; the others follow.</summary>
    public const int FirstMask = 1000;

    /// <summary>The augmentation of a view of an image.</summary>
    /// <param name="view">Number of the view, from 0.</param>
    public static int Of(int view) => view == 0 ? Transform : SecondView + (view - 1) % (FirstMask - SecondView);
}
