using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Training and evaluation do to an image what timm's create_transform does, in its order.</summary>
[TestClass]
public sealed class TransformListTests
{
    public static IEnumerable<object[]> Training => Rows(true);

    public static IEnumerable<object[]> Evaluation => Rows(false);

    [TestMethod]
    [DynamicData(nameof(Training))]
    public void TrainingIsTimms(string key, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        if (row.TryGetProperty("error", out _))
        {
            // no_aug with splits is refused among the options.
            if (!row.Get("args").TryGetProperty("no_aug", out _))
                Assert.ThrowsExactly<UserException>(() => Create(row.Get("args")), key);
            return;
        }
        if (row.Get("args").TryGetProperty("no_aug", out _))
            return;
        var (config, list) = (Create(row.Get("args")), row.Get("transforms"));
        if (list[0].ValueKind == JsonValueKind.Array)
        {
            Assert.AreEqual(Text(list[0]), Text(Operations.Of(config, AugmentStage.Primary)));
            Assert.AreEqual(Text(list[1]), Text(Operations.Of(config, AugmentStage.Secondary)));
        }
        else
            Assert.AreEqual(Text(list), Text(TrainTransform.Create(config).Augmentations));
        foreach (var erasing in Steps(list).Where(t => t.Text("class") == "RandomErasing"))
        {
            Assert.AreEqual(erasing.Number("probability"), config.Erasing!.Probability, 1e-9);
            Assert.AreEqual(erasing.Text("mode"), config.Erasing.Mode.ToString().ToLowerInvariant());
            Assert.AreEqual(erasing.Get("max_count").GetInt32(), config.Erasing.MaxCount);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Evaluation))]
    public void EvaluationIsTimms(string key, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var args = row.Get("args");
        if (row.TryGetProperty("error", out _))
        {
            Assert.ThrowsExactly<UserException>(() => Interpolations.Parse(args.Text("interpolation")), key);
            return;
        }
        var size = Size(args);
        var config = new DataConfig
        {
            Height = size.Height,
            Width = size.Width,
            CropPct = args.TryGetProperty("crop_pct", out var pct) ? pct.GetDouble() : 0.875,
            CropMode = args.TryGetProperty("crop_mode", out var mode) ? Enum.Parse<CropMode>(mode.GetString()!, true)
                : CropMode.Center,
        };
        var resize = Steps(row.Get("transforms")).First(t => t.Text("class") is "Resize" or "ResizeKeepRatio");
        var place = Placement.Of(config, 500, 375);
        Assert.AreEqual(Resized(resize, 500, 375), (place.Width, place.Height));
        var crop = Steps(row.Get("transforms")).First(t => t.Text("class") is "CenterCrop" or "CenterCropOrPad");
        CollectionAssert.AreEqual(crop.Ints("size"), (int[])[place.Crop.Height, place.Crop.Width]);
    }

    /// <summary>What torchvision's Resize or timm's ResizeKeepRatio makes of a size.</summary>
    static (int, int) Resized(JsonElement resize, int width, int height)
    {
        var size = resize.Get("size");
        if (size.ValueKind == JsonValueKind.Number)
            return (size.GetInt32() * width / height, size.GetInt32());
        var (h, w) = (size[0].GetInt32(), size[1].GetInt32());
        if (resize.Text("class") == "Resize")
            return (w, h);
        var (ratioH, ratioW, longest) = ((double)height / h, (double)width / w, resize.Number("longest"));
        var ratio = Math.Max(ratioH, ratioW) * longest + Math.Min(ratioH, ratioW) * (1 - longest);
        return ((int)Math.Round(width / ratio), (int)Math.Round(height / ratio));
    }

    static IEnumerable<object[]> Rows(bool training) => Golden.Json("images", "aa_parse.json.gz").Get("rows")
        .EnumerateArray()
        .Where(r => r.TryGetProperty("key", out _) && r.Get("is_training").GetBoolean() == training)
        .Select(r => new object[] { r.Text("key"), r.ToString() });

    static IEnumerable<JsonElement> Steps(JsonElement list) =>
        list.EnumerateArray().SelectMany(t => t.ValueKind == JsonValueKind.Array ? Steps(t) : [t]);

    static string Text(JsonElement list) =>
        string.Join('\n', Steps(list).Select(PolicyText.Of).Where(text => text is not null));

    static string Text(IEnumerable<IAugmentation> list) => string.Join('\n', list.Select(PolicyText.Of));

    static (int Height, int Width) Size(JsonElement args)
    {
        if (!args.TryGetProperty("input_size", out var size))
            return (224, 224);
        return size.ValueKind == JsonValueKind.Number ? (size.GetInt32(), size.GetInt32())
            : (size[size.GetArrayLength() - 2].GetInt32(), size[size.GetArrayLength() - 1].GetInt32());
    }

    static TrainConfig Create(JsonElement args)
    {
        double Number(string name, double or) => args.TryGetProperty(name, out var v) ? v.GetDouble() : or;
        string Text(string name, string or) => args.TryGetProperty(name, out var v) ? v.GetString()! : or;
        Interval? Pair(string name) => args.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Array
            ? new(v[0].GetDouble(), v[1].GetDouble()) : null;
        var (size, filters) = (Size(args), RandomInterpolation.Parse(Text("interpolation", "bilinear")));
        var data = new DataConfig { Height = size.Height, Width = size.Width };
        if (args.TryGetProperty("mean", out _))
            data = data with { Mean = [.. args.Get("mean").EnumerateArray().Select(v => v.GetDouble())] };
        var policy = Text("auto_augment", "");
        return new()
        {
            Data = data,
            CropMode = TrainConfig.ParseCropMode(Text("train_crop_mode", "")),
            Scale = Pair("scale"),
            Ratio = Pair("ratio"),
            HorizontalFlip = Number("hflip", 0.5),
            VerticalFlip = Number("vflip", 0),
            ColorJitter = Strengths(args),
            ColorJitterProbability = Number("color_jitter_prob", 1),
            Policy = policy.Length > 0 ? AugmentPolicy.Parse(policy, PolicySettings.Of(data, filters)) : null,
            KeepsJitter = AugmentPolicy.KeepsJitter(policy)
                || (args.TryGetProperty("force_color_jitter", out var forced) && forced.GetBoolean()),
            GrayscaleProbability = Number("grayscale_prob", 0),
            GaussianBlurProbability = Number("gaussian_blur_prob", 0),
            Filters = filters,
            Erasing = Number("re_prob", 0) is > 0 and var p
                ? new(p, RandomErasing.ParseMode(Text("re_mode", "const")), (int)Number("re_count", 1)) : null,
        };
    }

    static double[] Strengths(JsonElement args) => !args.TryGetProperty("color_jitter", out var strengths) ? [0.4]
        : strengths.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Number => strengths.GetDouble() > 0 ? [strengths.GetDouble()] : [],
            _ => [.. strengths.EnumerateArray().Select(v => v.GetDouble())],
        };
}
