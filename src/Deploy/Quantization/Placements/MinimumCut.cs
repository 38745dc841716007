namespace OnnxTimm.Deploy;

/// <summary>
/// Divides things in two sides at the least cost: of each pair on different sides, and of each thing on either. By
/// flows along shortest paths (Dinic's algorithm).
/// </summary>
sealed class MinimumCut
{
    const int Source = 0, Sink = 1;

    /// <summary>No cut goes here.</summary>
    public const double Never = 1e15;

    /// <summary>Less than this is rounding.</summary>
    const double Least = 1e-6;

    readonly List<(int To, double Room)> arcs = [];
    readonly List<List<int>> from = [[], []];

    /// <summary>Another thing.</summary>
    /// <param name="first">What it costs on the first side.</param>
    /// <param name="second">What it costs on the second side.</param>
    public int Add(double first = 0, double second = 0)
    {
        from.Add([]);
        Charge(from.Count - 1, first, second);
        return from.Count - 1;
    }

    /// <summary>What a thing costs on either side beside what it costs there already.</summary>
    public void Charge(int thing, double first, double second = 0)
    {
        Arc(Source, thing, second);
        Arc(thing, Sink, first);
    }

    /// <summary>What it costs that one is on the first side and another on the second.</summary>
    public void Part(int first, int second, double cost) => Arc(first, second, cost);

    /// <summary>Which things are on the first side.</summary>
    public Predicate<int> Solve()
    {
        int[] levels;
        while ((levels = Levels())[Sink] >= 0)
        {
            var next = new int[from.Count];
            while (Push(Source, Never, levels, next) > Least)
            {
            }
        }
        return thing => levels[thing] >= 0;
    }

    void Arc(int a, int b, double room)
    {
        from[a].Add(arcs.Count);
        arcs.Add((b, room));
        from[b].Add(arcs.Count);
        arcs.Add((a, 0));
    }

    /// <summary>Steps from the source to each along arcs with room; -1 where there is no way.</summary>
    int[] Levels()
    {
        var levels = new int[from.Count];
        Array.Fill(levels, -1);
        levels[Source] = 0;
        var queue = new Queue<int>([Source]);
        while (queue.TryDequeue(out var at))
            foreach (var (to, _) in from[at].Select(i => arcs[i]).Where(a => a.Room > Least && levels[a.To] < 0))
            {
                levels[to] = levels[at] + 1;
                queue.Enqueue(to);
            }
        return levels;
    }

    double Push(int at, double flow, int[] levels, int[] next)
    {
        if (at == Sink)
            return flow;
        for (; next[at] < from[at].Count; next[at]++)
        {
            var i = from[at][next[at]];
            var (to, room) = arcs[i];
            if (room <= Least || levels[to] != levels[at] + 1)
                continue;
            var pushed = Push(to, Math.Min(flow, room), levels, next);
            if (pushed <= Least)
                continue;
            arcs[i] = (to, room - pushed);
            arcs[i ^ 1] = (at, arcs[i ^ 1].Room + pushed);
            return pushed;
        }
        return 0;
    }
}
