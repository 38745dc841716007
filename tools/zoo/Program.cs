using OnnxTimm.ZooTools;

// build.sh docs: writes the page of models from the tables of the zoo, and the index. With a path to timm's
// results-imagenet.csv also the table of tags.
if (args is [var results])
    File.WriteAllText(Path.Combine("models", "weights", "tags.csv"), IndexFiles.Tags(File.ReadLines(results)));
File.WriteAllText(Path.Combine("models", "weights", "index.csv"), IndexFiles.Names());
File.WriteAllText(Path.Combine("docs", "models.md"), ModelsPage.Of("."));
