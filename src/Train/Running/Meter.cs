namespace OnnxTimm.Train;

/// <summary>The last value of a quantity and its weighted mean.</summary>
sealed class Meter
{
    public double Last { get; private set; }

    public double Sum { get; private set; }

    public double Weight { get; private set; }

    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    public void Add(double value, double weight = 1)
    {
        Last = value;
        Sum += value * weight;
        Weight += weight;
    }

    /// <summary>Goes on from a stored sum.</summary>
    public void Restore(double sum, double weight) => (Sum, Weight) = (sum, weight);
}
