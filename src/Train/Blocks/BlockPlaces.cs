namespace OnnxTimm.Train;

/// <summary>
/// Places of the values of one phase: a result is computed where it is stored if nobody needs the old content any
/// more; everything else takes a block of scratch space until its last use.
/// </summary>
sealed class BlockPlaces
{
    readonly int phase;
    readonly BlockSchedule schedule;
    readonly Dictionary<Value, Operand> places;
    readonly Dictionary<Value, int> lastUse = [];
    readonly SortedSet<int> free = [];

    public BlockPlaces(int phase, BlockSchedule schedule, Dictionary<Value, Operand> inputs, Node[] nodes)
    {
        (this.phase, this.schedule, places) = (phase, schedule, new(inputs));
        foreach (var (i, n) in nodes.Index())
            foreach (var v in n.In)
                lastUse[v!] = i;
        foreach (var (result, _) in schedule.StoredIn(phase))
            lastUse[result] = nodes.Length;
    }

    /// <summary>Blocks of scratch space in use at most.</summary>
    public int Scratch { get; private set; }

    /// <summary>Where an operand of a node lies; its place is free after its last use.</summary>
    public Operand Use(Value v, int node)
    {
        var place = schedule.StoredBefore(phase, v) is { } into ? places[into] : places[v];
        if (place.Place == Place.Scratch && lastUse[v] == node)
            free.Add(place.Index);
        return place;
    }

    /// <summary>Where the result of a node goes.</summary>
    public Operand Define(Value v, int node) => places[v] = Direct(v, node) ?? new(Place.Scratch, Take());

    Operand? Direct(Value v, int node)
    {
        foreach (var (_, into) in schedule.StoredIn(phase).Where(r => r.Result == v))
            if (lastUse.GetValueOrDefault(into) <= node)
                return places[into];
        return null;
    }

    int Take()
    {
        if (free.Count == 0)
            return Scratch++;
        var index = free.Min;
        free.Remove(index);
        return index;
    }
}
