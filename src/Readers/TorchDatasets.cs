namespace OnnxTimm.Data;

/// <summary>Raw files of torchvision's data sets, in the folders that torchvision gives them.</summary>
static class TorchDatasets
{
    /// <summary>A name, and how its part to train on, or the other, is read below a folder.</summary>
    static readonly (string Name, Func<string, bool, IDataset> Open)[] Table =
    [
        ("cifar10",       CifarImages.Ten),
        ("cifar100",      CifarImages.Hundred),
        ("mnist",         (root, train) => IdxImages.Open(root, "MNIST", IdxImages.Plain(train), IdxImages.Digits)),
        ("fashion_mnist", (root, train) =>
            IdxImages.Open(root, "FashionMNIST", IdxImages.Plain(train), IdxImages.Clothes)),
        ("kmnist",        (root, train) => IdxImages.Open(root, "KMNIST", IdxImages.Plain(train), IdxImages.Kana)),
        ("qmnist",        (root, train) => IdxImages.Open(root, "QMNIST", IdxImages.Q(train), IdxImages.Digits)),
    ];

    /// <summary>torchvision's ImageFolder: it takes more endings than timm.</summary>
    static readonly string[] Folders = ["image_folder", "folder"];

    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Name), .. Folders];

    public static IDataset Open(DatasetRequest request)
    {
        if (!Directory.Exists(request.Root))
            throw new UserException($"There is no folder {request.Root}.");
        return Folders.Contains(request.Name) ? Folder(request)
            : Table.First(row => row.Name == request.Name).Open(request.Root, Splits.IsTraining(request.Split));
    }

    /// <summary>Classes are the folders in the order of their letters, where timm counts numbers.</summary>
    static IDataset Folder(DatasetRequest request)
    {
        var plain = request with { Kind = "", InputKey = request.InputKey ?? "all", Samples = null, IsGray = false };
        var place = Dataset.PlaceOf(plain);
        return Dataset.Open(plain with
        {
            Classes = request.Classes ?? [.. Directory.GetDirectories(place).Select(d => Path.GetFileName(d))
                .Order(StringComparer.Ordinal)],
        });
    }
}
