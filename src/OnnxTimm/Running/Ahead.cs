namespace OnnxTimm;

/// <summary>Work on many items by all cores, whose results come in the items' order as they are taken.</summary>
static class Ahead
{
    /// <summary>Items of each core that are begun before their results are asked for.</summary>
    const int PerCore = 2;

    /// <param name="items">The items, asked for as results are taken.</param>
    /// <param name="work">What is done with each, on any thread.</param>
    /// <param name="fault">Takes items that failed, which are left out; null to throw.</param>
    public static IEnumerable<(TItem Item, T Result)> Ordered<TItem, T>(
        IEnumerable<TItem> items, Func<TItem, T> work, Action<TItem, UserException>? fault)
    {
        var begun = new Queue<(TItem Item, Task<T> Work)>();
        try
        {
            foreach (var item in items)
            {
                begun.Enqueue((item, Task.Run(() => work(item))));
                if (begun.Count >= PerCore * Environment.ProcessorCount && TryTake(begun, fault, out var next))
                    yield return next;
            }
            while (begun.Count > 0)
                if (TryTake(begun, fault, out var next))
                    yield return next;
        }
        finally
        {
            // Who stops early may dispose the model next.
            Task.WhenAll(begun.Select(b => b.Work)).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }
    }

    static bool TryTake<TItem, T>(
        Queue<(TItem Item, Task<T> Work)> begun, Action<TItem, UserException>? fault, out (TItem, T) next)
    {
        var (item, work) = begun.Dequeue();
        next = default;
        try
        {
            next = (item, work.GetAwaiter().GetResult());
            return true;
        }
        catch (UserException e) when (fault is not null)
        {
            fault(item, e);
            return false;
        }
    }
}
