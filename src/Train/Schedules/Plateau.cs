namespace OnnxTimm.Train;

/// <summary>
/// The rate falls by a factor when the metric has not improved for some epochs (timm/scheduler/plateau_lr.py,
/// torch.optim.lr_scheduler.ReduceLROnPlateau).
/// </summary>
/// <param name="warmup">The rate while warming up, and how many epochs that is.</param>
/// <param name="factor">Factor at a fall.</param>
/// <param name="patience">Epochs without improvement that are borne.</param>
/// <param name="minLr">The least rate.</param>
/// <param name="decreasing">Whether less is better.</param>
sealed class Plateau((Func<double, double> Curve, int Epochs) warmup, double factor, int patience, double minLr,
    bool decreasing)
    : Schedule
{
    const double Threshold = 1e-4;
    const double LeastChange = 1e-8;

    double steady = warmup.Curve(0);
    double best = decreasing ? double.PositiveInfinity : double.NegativeInfinity;
    double waited;

    public override double[] State
    {
        get => [steady, best, waited];
        set => (steady, best, waited) = (value[0], value[1], value[2]);
    }

    public override void BeforeEpoch(int epoch, double? metric = null)
    {
        if (epoch <= warmup.Epochs)
            steady = warmup.Curve(epoch);
        else if (metric is { } value)
            See(value);
        Lr = epoch <= warmup.Epochs ? steady : steady * (1 + (Noise?.At(epoch) ?? 0));
    }

    public override void BeforeUpdate(long update)
    {
    }

    void See(double metric)
    {
        if (decreasing ? metric < best * (1 - Threshold) : metric > best * (1 + Threshold))
            (best, waited) = (metric, 0);
        else
            waited++;
        if (waited <= patience)
            return;
        waited = 0;
        var next = Math.Max(steady * factor, minLr);
        if (steady - next > LeastChange)
            steady = next;
    }
}
