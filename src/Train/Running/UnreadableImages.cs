using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>
/// Names each image that cannot be read, once, and counts them at the end of each pass over the data.
/// </summary>
/// <param name="events">Who is told.</param>
/// <param name="use">What the images are for.</param>
sealed class UnreadableImages(IProgress<TrainEvent> events, string use)
{
    readonly HashSet<string> named = [], passed = [];

    public void Note(Batch batch)
    {
        foreach (var image in batch.Skipped)
            if (passed.Add(image.Name) && named.Add(image.Name))
                events.Tell($"Not readable in {use}: {image.Reason}");
    }

    /// <summary>Ends a pass.</summary>
    /// <param name="pass">What it is called.</param>
    /// <param name="images">Images of the data.</param>
    /// <param name="fate">What became of those that could not be read.</param>
    public void Count(string pass, int images, string fate)
    {
        if (passed.Count > 0)
            events.Tell($"{pass}: {passed.Count} of {images} images could not be read; {fate}");
        passed.Clear();
    }
}
