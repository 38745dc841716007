using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class AugmentationTests
{
    static readonly RandomResizedCrop Crop = new(8, 8, new(0.08, 1), new(3.0 / 4, 4.0 / 3), RandomInterpolation.All);

    [TestMethod]
    public void CropsLieInsideAndHaveTheirAreasAndRatios()
    {
        var random = new CounterRandom(1);
        for (var i = 0; i < 2000; i++)
        {
            var (left, top, w, h) = Crop.Draw(500, 375, random.At(0, i));
            Assert.IsTrue(left >= 0 && top >= 0 && left + w <= 500 && top + h <= 375);
            // Each edge was rounded by at most half a pixel.
            Assert.IsTrue((w + 0.5) * (h + 0.5) >= 0.08 * 500 * 375, $"{w}x{h}");
            Assert.IsTrue((w + 0.5) / (h - 0.5) >= 3.0 / 4 && (w - 0.5) / (h + 0.5) <= 4.0 / 3, $"{w}x{h}");
        }
    }

    /// <summary>timm's fallback, computed by hand: no crop of 8 % and more with that ratio fits.</summary>
    [TestMethod]
    [DataRow(1000, 10, 493, 0, 13, 10)]
    [DataRow(10, 1000, 0, 493, 10, 13)]
    public void WhereNoCropFitsTheMiddleIsTaken(int width, int height, int left, int top, int cropW, int cropH) =>
        Assert.AreEqual(new OnnxTimm.Data.Window(left, top, cropW, cropH),
            Crop.Draw(width, height, new CounterRandom(1).At(0, 0)));

    [TestMethod]
    public void JitterOfOneStrengthIsBrightnessContrastAndSaturation()
    {
        var interval = new Interval(0.6, 1.4);
        Assert.AreEqual(new ColorJitter(interval, interval, interval, null), ColorJitter.Of([0.4]));
        Assert.AreEqual(new ColorJitter(null, null, new(0, 2.5), new(-0.1, 0.1)), ColorJitter.Of([0, 0, 1.5, 0.1]));
        Assert.ThrowsExactly<UserException>(() => ColorJitter.Of([1, 2]));
        Assert.ThrowsExactly<UserException>(() => ColorJitter.Of([0, 0, 0, 0.6]));
    }

    [TestMethod]
    public void JitterOfNoStrengthChangesNothing()
    {
        using var image = ImageGolden.Open("colour_input.png");
        var before = image.ToRgb();
        ColorJitter.Of([0, 0, 0, 0]).Apply(image, new CounterRandom(1).At(0, 0), Assert.Fail);
        CollectionAssert.AreEqual(before, image.ToRgb());
    }

    [TestMethod]
    public void TheListIsInTheOrderOfTimm()
    {
        var config = new TrainConfig { VerticalFlip = 1, GrayscaleProbability = 0.2, GaussianBlurProbability = 0.1 };
        Assert.AreEqual(
            "RandomResizedCrop Sometimes(HorizontalFlip) VerticalFlip ColorJitter Sometimes(Grayscale) "
            + "Sometimes(GaussianBlur)",
            Names(TrainTransform.Create(config)));
        Assert.AreEqual(
            "RandomResizedCrop Sometimes(HorizontalFlip) Grayscale",
            Names(TrainTransform.Create(new() { Policy = new Grayscale() })));
        Assert.AreEqual(
            "RandomResizeKeepRatio RandomCropOrPad ColorJitter",
            Names(TrainTransform.Create(new() { CropMode = TrainCropMode.KeepRatioRandom, HorizontalFlip = 0 })));
    }

    [TestMethod]
    [DataRow(TrainCropMode.ResizedCrop)]
    [DataRow(TrainCropMode.KeepRatioCenter)]
    [DataRow(TrainCropMode.KeepRatioRandom)]
    public void TrainingEndsAtTheModelsSizeAndRepeats(TrainCropMode mode)
    {
        var config = new TrainConfig
        {
            Data = new() { Width = 40, Height = 24 },
            CropMode = mode,
            GaussianBlurProbability = 0.5,
            ColorJitter = [0.4, 0.4, 0.4, 0.1],
            Erasing = new(0.5, ErasingMode.Pixel, 3),
        };
        var transform = TrainTransform.Create(config);
        for (var i = 0; i < 20; i++)
            CollectionAssert.AreEqual(Floats(transform, i), Floats(transform, i));
        CollectionAssert.AreNotEqual(Floats(transform, 0), Floats(transform, 1));
    }

    [TestMethod]
    public void PlainTrainingResizesBothEdges()
    {
        using var image = ImageGolden.Open("colour_input.png");
        var transform = (EvalTransform)TrainTransform.Plain(new() { Width = 30, Height = 50 }, RandomInterpolation.All);
        using var seen = transform.Apply(image.View());
        using var expected = Resampler.Resize(image.View(), 30, 50, Interpolation.Bilinear);
        CollectionAssert.AreEqual(expected.ToRgb(), seen.ToRgb());
    }

    [TestMethod]
    public void ErasingWritesItsModeIntoRectangles()
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.AreEqual("0", Values(ErasingMode.Const, i));
            StringAssert.StartsWith(Values(ErasingMode.Rand, i), "3 numbers");
            Assert.AreNotEqual("3 numbers", Values(ErasingMode.Pixel, i));
        }
    }

    /// <summary>Mean area and frequency lie within five standard deviations of what was asked for.</summary>
    [TestMethod]
    public void ErasedAreaIsAsAsked()
    {
        const int n = 2000;
        var (from, to) = (0.02, 1.0 / 3);
        var areas = Enumerable.Range(0, n).Select(i => Erase(new(1), i).Count(v => v == 0) / (3 * 32 * 32.0)).ToArray();
        Assert.AreEqual((from + to) / 2, areas.Average(), 5 * (to - from) / Math.Sqrt(12 * n));
        var untouched = Enumerable.Range(0, n).Count(i => Erase(new(0.25), i).All(v => v == 5));
        Assert.AreEqual(0.75 * n, untouched, 5 * Math.Sqrt(n * 0.25 * 0.75));
    }

    static string Values(ErasingMode mode, int sample)
    {
        var changed = Erase(new(1, mode), sample).Where(v => v != 5).Distinct().ToArray();
        return changed.Length == 1 ? $"{changed[0]}" : $"{changed.Length} numbers";
    }

    static float[] Erase(RandomErasing erasing, int sample)
    {
        var planes = Enumerable.Repeat(5f, 3 * 32 * 32).ToArray();
        erasing.Apply(planes, 32, 32, new CounterRandom(3).At(0, sample));
        return planes;
    }

    static float[] Floats(TrainTransform transform, int sample)
    {
        using var image = ImageGolden.Open("colour_input.png");
        var planes = new float[3 * 40 * 24];
        transform.Apply(image, new CounterRandom(5).At(1, sample), planes);
        return planes;
    }

    static string Names(TrainTransform transform) => string.Join(' ', transform.Augmentations.Select(Name));

    static string Name(IAugmentation a) =>
        a is Sometimes s ? $"Sometimes({s.Augmentation.GetType().Name})" : a.GetType().Name;
}
