namespace OnnxTimm.Models;

/// <summary>
/// A set of classes that weights were trained to tell apart. A head of another width is a projection, such as that of
/// CLIP (arXiv:2103.00020), whose values are compared with those of a text.
/// </summary>
/// <param name="Size">Its classes.</param>
/// <param name="Name">What it is called.</param>
/// <param name="HubId">The data set of its images on the hub; null where there is none.</param>
public sealed record LabelSet(int Size, string Name, string? HubId)
{
    /// <summary>All that weights of the zoo know.</summary>
    public static readonly IReadOnlyList<LabelSet> All =
    [
        new(10, "CIFAR-10", "cifar10"),
        new(100, "CIFAR-100", "cifar100"),
        new(1000, "ImageNet-1k", "imagenet-1k"),
        new(11221, "ImageNet-21k-P", null),
        new(11821, "ImageNet-12k", "imagenet-12k"),
        new(19168, "ImageNet-21k, winter 2021", null),
        new(21841, "ImageNet-22k", "imagenet-22k"),
        new(21842, "ImageNet-22k", "imagenet-22k"),
        new(21843, "ImageNet-21k", "imagenet-21k"),
        new(115217, "Bamboo", null),
    ];

    /// <summary>The set of so many classes; null for none.</summary>
    public static LabelSet? Of(int classes) => All.FirstOrDefault(set => set.Size == classes);

    /// <summary>Whether so many classes are a set, and not a projection or none.</summary>
    public static bool Has(int classes) => Of(classes) is not null;
}
