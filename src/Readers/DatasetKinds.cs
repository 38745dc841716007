namespace OnnxTimm.Data;

/// <summary>All kinds of data sets that the program reads.</summary>
public static class DatasetKinds
{
    /// <summary>Those of <see cref="Dataset.Kinds"/>, raw files of torchvision's sets, folders of parquet.</summary>
    public static IReadOnlyList<DatasetKind> All { get; } =
    [
        .. Dataset.Kinds,
        new("torch", TorchDatasets.Names, TorchDatasets.Open),
        new("hfds",  null,                ParquetDataset.Open),
        new("hfids", null,                ParquetDataset.Open),
    ];

    /// <summary>Opens a data set of any of them; class maps may be pickled.</summary>
    /// <inheritdoc cref="Dataset.Open(DatasetRequest, IReadOnlyList{DatasetKind})"/>
    public static IDataset Open(DatasetRequest request) =>
        Dataset.Open(request with { ReadClassMap = ClassMaps.Load }, All);

    /// <inheritdoc cref="Dataset.PlaceOf"/>
    public static string PlaceOf(DatasetRequest request) => Dataset.PlaceOf(request, All);
}
