using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>All pages and pictures that are made of the zoo.</summary>
public static class Pages
{
    /// <summary>Writes them below the docs of a repository; pages of families that are gone go too.</summary>
    public static void Write(string root)
    {
        var docs = Path.Combine(root, "docs");
        var folder = Path.Combine(docs, "models");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(docs, "images", "top1-params.svg"), ScatterPlot.OfParams());
        File.WriteAllText(Path.Combine(docs, "images", "top1-gmacs.svg"), ScatterPlot.OfGMacs());
        File.WriteAllText(Path.Combine(docs, "models.md"), ModelsPage.Of(root));
        foreach (var module in Zoo.Modules)
        {
            if (StageDiagram.Of(FamilyPage.Example(module)) is { } picture)
                File.WriteAllText(Path.Combine(root, FamilyPage.Picture(module)), picture);
            File.WriteAllText(Path.Combine(folder, $"{module}.md"), FamilyPage.Of(root, module));
        }
    }
}
