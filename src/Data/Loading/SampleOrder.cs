namespace OnnxTimm.Data;

/// <summary>One of several processes that share each epoch.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="World">How many there are.</param>
public readonly record struct Rank(int Index, int World)
{
    /// <summary>The only one.</summary>
    public static Rank Only => new(0, 1);

    /// <exception cref="UserException">There is no such process.</exception>
    public Rank Check() => World > 0 && Index >= 0 && Index < World ? this
        : throw new UserException($"There is no process {Index} of {World}.");
}

/// <summary>
/// Which images a process takes in which order, from a permutation of all: PyTorch's DistributedSampler, and timm's
/// distributed_sampler.py.
/// </summary>
public static class SampleOrder
{
    /// <summary>timm's default number of images that a repeated order is cut to a multiple of.</summary>
    public const int SelectedRound = 256;

    /// <summary>
    /// Every World-th image. Where that leaves a rest, the order begins anew so that all processes have as many.
    /// </summary>
    /// <param name="permutation">All images.</param>
    /// <param name="rank">The process.</param>
    /// <param name="dropsLast">Leaves the rest out instead.</param>
    public static Draw[] Of(IReadOnlyList<int> permutation, Rank rank, bool dropsLast = false)
    {
        var (count, world) = (permutation.Count, rank.Check().World);
        var each = dropsLast ? (count - (count % world == 0 ? 0 : 1)) / world : (count + world - 1) / world;
        return [.. Enumerable.Range(0, each).Select(i => new Draw(permutation[(rank.Index + i * world) % count]))];
    }

    /// <summary>
    /// Repeated augmentation (arXiv:1902.05509): several pictures of an image in a row, so that different processes
    /// take them, and as many pictures an epoch as there are images.
    /// </summary>
    /// <param name="permutation">All images.</param>
    /// <param name="repeats">Pictures of each.</param>
    /// <param name="rank">The process.</param>
    /// <param name="round">A multiple of so many pictures is taken, where there are as many images.</param>
    /// <param name="ratio">The part of the images that is taken, as its inverse; 0 for the number of processes.</param>
    public static Draw[] Repeated(
        IReadOnlyList<int> permutation, double repeats, Rank rank, int round = SelectedRound, double ratio = 0)
    {
        var (count, world) = (permutation.Count, rank.Check().World);
        if (repeats < 1)
            throw new UserException($"An image is taken at least once, not {repeats} times.");
        var (all, each) = ((int)Math.Ceiling(repeats * count), (int)Math.Ceiling(count * repeats / world));
        var part = ratio > 0 ? ratio : world;
        var selected = round > 0 && count >= round
            ? (int)Math.Floor(count / round * round / part) : (int)Math.Ceiling(count / part);
        return
        [
            .. Enumerable.Range(0, Math.Min(each, selected)).Select(i => (rank.Index + i * world) % all).Select(entry =>
            {
                var place = (int)(entry / repeats);
                return new Draw(permutation[place], entry - (int)Math.Ceiling(place * repeats));
            }),
        ];
    }
}
