using OnnxTimm.ZooTools;

// build.sh docs: writes the pages of models and their pictures, and the index. With a path to timm's folder
// of results also the table of tags, and speeds anew.
var results = args.FirstOrDefault();
if (results != null)
    File.WriteAllText(Path.Combine("models", "weights", "tags.csv"),
        IndexFiles.Tags(File.ReadLines(Path.Combine(results, "results-imagenet.csv"))));
File.WriteAllText(Path.Combine("models", "weights", "index.csv"),
    IndexFiles.Names(results == null ? IndexFiles.Speeds : IndexFiles.Published(results)));
Pages.Write(".");
