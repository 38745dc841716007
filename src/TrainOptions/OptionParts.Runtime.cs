using OnnxTimm.Infer;

namespace OnnxTimm.Train;

public static partial class OptionParts
{
    /// <summary>Where it trains, and how ONNX Runtime is set.</summary>
    /// <exception cref="UserException">No such device, or a setting is written otherwise than key=value.</exception>
    public static RuntimeOptions Runtime(TrainOptions o) =>
        new RuntimeOptions { Device = Device.Parse(o.Device) }.With(o.Ort);

    /// <summary>Tells once of nodes that are not on the device: sessions of a training are many.</summary>
    static Action<Placement> Fallbacks(IProgress<TrainEvent> events)
    {
        var told = new HashSet<string>();
        return placed =>
        {
            if (placed.Fallback is { } text && told.Add(text))
                events.Report(new TrainRemark(text));
        };
    }
}
