using OnnxTimm.Data;

namespace OnnxTimm;

/// <summary>The images of a fine-tuning.</summary>
/// <param name="Train">Those that are trained on.</param>
/// <param name="Validation">Those that are validated on, with the same classes; null for none.</param>
sealed record FineTuneImages(IDataset Train, IDataset? Validation) : IDisposable
{
    /// <summary>The splits of a folder, or its images, a share of which is kept for validation.</summary>
    /// <param name="root">The data.</param>
    /// <param name="share">The share where there is no split.</param>
    /// <exception cref="UserException">There are no images, or too few.</exception>
    public static FineTuneImages Open(string root, double share)
    {
        var train = Dataset.Open(root, "train");
        try
        {
            if (Split(root) is { } place)
                return new(train, Dataset.Open(place, classes: train.Classes));
            if (share == 0)
                return new(train, null);
            var (some, others) = Subset.Split(train, share);
            return some.Length > 0 ? new(new Subset(train, others), new Subset(train, some)) : throw new UserException(
                $"{train.Count} images are too few to keep a share of each class for validation: ValShare = 0 keeps "
                + "none.");
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation?.Dispose();
    }

    /// <summary>Where the images to validate on are; null where they have no place of their own.</summary>
    static string? Split(string root)
    {
        try
        {
            var place = Dataset.PlaceOf(new(root) { Split = "val" });
            return place == Dataset.PlaceOf(new(root) { Split = "train" }) ? null : place;
        }
        catch (UserException)
        {
            return null;
        }
    }
}
