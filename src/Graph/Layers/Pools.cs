namespace OnnxTimm;

public static partial class Layers
{
    public static Value MaxPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false) =>
        x.MaxPool([k, k], [stride, stride], pad.For(x, k, stride), ceil);

    public static Value AvgPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false,
        bool countPads = true) =>
        x.AveragePool([k, k], [stride, stride], pad.For(x, k, stride), ceil, countPads);
}
