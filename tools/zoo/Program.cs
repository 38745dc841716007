using OnnxTimm.ZooTools;

// build.sh docs: writes the pages of models and their pictures, and the index. With a path to timm's
// results-imagenet.csv also the table of tags.
if (args is [var results])
    File.WriteAllText(Path.Combine("models", "weights", "tags.csv"), IndexFiles.Tags(File.ReadLines(results)));
File.WriteAllText(Path.Combine("models", "weights", "index.csv"), IndexFiles.Names());
Pages.Write(".");
