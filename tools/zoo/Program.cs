using OnnxTimm.ZooTools;

// build.sh docs: writes the page of models from the tables of the zoo.
File.WriteAllText(Path.Combine("docs", "models.md"), ModelsPage.Of("."));
