namespace OnnxTimm.Data;

/// <summary>The policies and sets of operations that have names; facts of timm's auto_augment.py.</summary>
static class PolicyTables
{
    const string Searched = """
        Equalize 0.8 1, ShearY 0.8 4;       Color 0.4 9, Equalize 0.6 3;         Color 0.4 1, Rotate 0.6 8
        Solarize 0.8 3, Equalize 0.4 7;     Solarize 0.4 2, Solarize 0.6 2;      Color 0.2 0, Equalize 0.8 8
        Equalize 0.4 8, SolarizeAdd 0.8 3;  ShearX 0.2 9, Rotate 0.6 8;          Color 0.6 1, Equalize 1 2
        Invert 0.4 9, Rotate 0.6 0;         Equalize 1 9, ShearY 0.6 3;          Color 0.4 7, Equalize 0.6 0
        {0} 0.4 6, AutoContrast 0.4 7;      Solarize 0.6 8, Color 0.6 9;         Solarize 0.2 4, Rotate 0.8 9
        Rotate 1 7, TranslateYRel 0.8 9;    ShearX 0 0, Solarize 0.8 4;          ShearY 0.8 0, Color 0.6 4
        Color 1 0, Rotate 0.6 2;            Equalize 0.8 4, Equalize 0 8;        Equalize 1 4, AutoContrast 0.6 2
        ShearY 0.4 7, SolarizeAdd 0.6 7;    {0} 0.8 2, Solarize 0.6 10;          Solarize 0.6 8, Equalize 0.6 1
        Color 0.8 6, Rotate 0.4 5
        """;

    const string Published = """
        {0} 0.4 8, Rotate 0.6 9;            Solarize 0.6 5, AutoContrast 0.6 5;  Equalize 0.8 8, Equalize 0.6 3
        {0} 0.6 7, {0} 0.6 6;               Equalize 0.4 7, Solarize 0.2 4;      Equalize 0.4 4, Rotate 0.8 8
        Solarize 0.6 3, Equalize 0.6 7;     {0} 0.8 5, Equalize 1 2;             Rotate 0.2 3, Solarize 0.6 8
        Equalize 0.6 8, {0} 0.4 6;          Rotate 0.8 8, Color 0.4 0;           Rotate 0.4 9, Equalize 0.6 2
        Equalize 0 7, Equalize 0.8 8;       Invert 0.6 4, Equalize 1 8;          Color 0.6 4, Contrast 1 8
        Rotate 0.8 8, Color 1 2;            Color 0.8 8, Solarize 0.8 7;         Sharpness 0.4 7, Invert 0.6 8
        ShearX 0.6 5, Equalize 1 9;         Color 0.4 0, Equalize 0.6 3;         Equalize 0.4 7, Solarize 0.2 4
        Solarize 0.6 5, AutoContrast 0.6 5; Invert 0.6 4, Equalize 1 8;          Color 0.6 4, Contrast 1 8
        Equalize 0.8 8, Equalize 0.6 3
        """;

    /// <summary>Policies of AutoAugment: a text of lists, and what posterizes in them.</summary>
    public static readonly IReadOnlyDictionary<string, (string Lists, string Posterize)> Policies =
        new Dictionary<string, (string, string)>
        {
            ["original"] = (Published, "PosterizeOriginal"),
            ["originalr"] = (Published, "PosterizeIncreasing"),
            ["v0"] = (Searched, "Posterize"),
            ["v0r"] = (Searched, "PosterizeIncreasing"),
            ["3a"] = ("Solarize 1 5; Desaturate 1 10; GaussianBlurRand 1 10", ""),
        };

    /// <summary>Operations of RandAugment.</summary>
    public static readonly string[] Plain = Names("""
        AutoContrast Equalize Invert Rotate Posterize Solarize SolarizeAdd Color Contrast Brightness Sharpness
        ShearX ShearY TranslateXRel TranslateYRel
        """);

    /// <summary>Those of which all grow stronger with the level.</summary>
    public static readonly string[] Increasing = Names("""
        AutoContrast Equalize Invert Rotate PosterizeIncreasing SolarizeIncreasing SolarizeAdd ColorIncreasing
        ContrastIncreasing BrightnessIncreasing SharpnessIncreasing ShearX ShearY TranslateXRel TranslateYRel
        """);

    /// <summary>Those of 3-Augment (arXiv:2204.07118).</summary>
    public static readonly string[] ThreeAugment = Names("SolarizeIncreasing Desaturate GaussianBlur");

    /// <summary>Those of AugMix.</summary>
    public static readonly string[] AugMix = Names("""
        AutoContrast ColorIncreasing ContrastIncreasing BrightnessIncreasing SharpnessIncreasing Equalize Rotate
        PosterizeIncreasing SolarizeIncreasing ShearX ShearY TranslateXRel TranslateYRel
        """);

    /// <summary>Sets with weights, by name.</summary>
    public static readonly IReadOnlyDictionary<string, (string Name, double Weight)[]> Weighted =
        new Dictionary<string, (string, double)[]>
        {
            ["weights"] =
            [
                ("Rotate", 3), ("ShearX", 2), ("ShearY", 2), ("TranslateXRel", 1), ("TranslateYRel", 1),
                ("ColorIncreasing", 0.25), ("SharpnessIncreasing", 0.25), ("AutoContrast", 0.25),
                ("SolarizeIncreasing", 0.05), ("SolarizeAdd", 0.05), ("ContrastIncreasing", 0.05),
                ("BrightnessIncreasing", 0.05), ("Equalize", 0.05), ("PosterizeIncreasing", 0.05), ("Invert", 0.05),
            ],
            ["3aw"] =
            [
                ("SolarizeIncreasing", 6), ("Desaturate", 6), ("GaussianBlur", 6), ("Rotate", 3), ("ShearX", 2),
                ("ShearY", 2), ("PosterizeIncreasing", 1), ("AutoContrast", 1), ("ColorIncreasing", 1),
                ("SharpnessIncreasing", 1), ("ContrastIncreasing", 1), ("BrightnessIncreasing", 1), ("Equalize", 1),
                ("Invert", 1),
            ],
        };

    static string[] Names(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
