namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>A map [N, C, H, W] as [N, H, W, C], for layers on the last axis; one that is so stays.</summary>
    public static Value ChannelsLast(this Value x) => x.Layout == Layout.ChannelsLast ? x : x.Transpose(0, 2, 3, 1);

    /// <summary>A map [N, H, W, C] as [N, C, H, W], for convolutions; one that is so stays.</summary>
    public static Value ChannelsFirst(this Value x) => x.Layout == Layout.ChannelsFirst ? x : x.Transpose(0, 3, 1, 2);

    /// <summary>The first rows and columns of a map [N, C, H, W].</summary>
    public static Value CropMap(this Value map, int height, int width) =>
        (map.Height, map.Width) == (height, width) ? map : map.Slice([2, 3], [0, 0], [height, width]);

    /// <summary>The axes of height and width of a map.</summary>
    static long[] SpatialAxes(this Value map) => map.Layout == Layout.ChannelsLast ? [1, 2] : [2, 3];

    /// <summary>[C] as it meets a map.</summary>
    static Value MeetChannels(this Value parameter, Value map) =>
        map.Layout == Layout.ChannelsLast ? parameter : parameter.PerChannel();
}
