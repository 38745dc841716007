using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Losses and gradients of a student with a teacher equal timm's.</summary>
[TestClass]
public sealed class DistillationTests
{
    static readonly JsonElement Reference = Golden.Json("training", "distillation.json.gz");

    static readonly JsonElement[] Rows = [.. Reference.GetProperty("rows").EnumerateArray()];

    public static IEnumerable<object[]> Cases => Rows.Index()
        .Select(r => new object[] { $"{r.Item.GetProperty("task")} {r.Item.GetProperty("args")} {r.Index}", r.Index });

    sealed class Given(float[] rows) : ITeacher
    {
        public void Run(ReadOnlySpan<float> images, Span<float> logits) => rows.CopyTo(logits);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void LossAndGradientsAreTimms(string title, int index)
    {
        var row = Rows[index];
        var graph = new Graph("student");
        var (logits, sources, feeds) = row.GetProperty("task").GetString() == "FeatureDistillationTask"
            ? WithFeatures(graph, row) : Heads(graph, row.GetProperty("student"));
        var task = Task(row);
        var loss = task.Loss(new(logits));
        var gradients = Gradients.Of(loss, [.. sources.Select(s => s.Value)]);
        graph.Output("loss", loss);
        foreach (var (name, value) in sources)
            graph.Output($"grad:{name}", gradients[value]);
        foreach (var feeder in task.Feeders)
        {
            var width = graph.Find(feeder.Input)!.Shape[1].Size;
            feeds.Add((feeder.Input, Fed(feeder, row, width), [4, width]));
        }
        var outputs = Ort.Run(Fused.Expand(graph), [.. feeds]);
        Assert.AreEqual(row.GetProperty("loss").GetDouble(), outputs["loss"][0], Tolerances.Get("distillation"), title);
        foreach (var (name, _) in sources)
            foreach (var (e, got) in Flat(row.GetProperty("grad").GetProperty(name)).Zip(outputs[$"grad:{name}"]))
                Assert.AreEqual(e, got, Tolerances.Get("distillation"), $"{title} {name}");
    }

    /// <summary>A student by what it gives: logits, and of a distilled one the teacher's head.</summary>
    static Student Heads(Graph graph, JsonElement student)
    {
        string[] names = [.. new[] { "logits", "dist_logits" }.Where(name => student.TryGetProperty(name, out _))];
        Value[] heads = [.. names.Select(name => graph.Input(name, DType.Float32, new Shape(Dim.Batch, 5)))];
        if (heads.Length > 1)
            foreach (var (i, head) in heads.Index())
                graph.Output($"logits_{i}", head.Identity());
        return new(heads[0], [.. names.Zip(heads)],
            [.. names.Select(name => (name, Flat(student.GetProperty(name)), (long[])[4, 5]))]);
    }

    /// <summary>A student by its features, with the head of the reference and a projection where widths differ.
    /// </summary>
    static Student WithFeatures(Graph graph, JsonElement row)
    {
        var width = row.GetProperty("student_features").GetInt64();
        var features = graph.Input("features", DType.Float32, new Shape(Dim.Batch, width));
        var logits = features.Linear(Stored("head.weight", 5, width), Stored("head.bias", 5));
        Distillation.WithFeatures(new("student", graph), features, 8);
        Value[] projection = [.. graph.Weights.Where(w => w.Role == Role.Param)];
        foreach (var weight in projection)
            weight.Data = Tensor.Of(Fill.Uniform(weight.Name.Replace("task.projection.", "distill:projection:"),
                weight.Shape.Count.Size), weight.Shape.Sizes);
        return new(logits,
            [("features", features), .. projection.Select(w => (w.Name.Replace("task.", ""), w))],
            [("features", Flat(row.GetProperty("student").GetProperty("features")), [4, width])]);

        Value Stored(string name, params long[] shape) => graph.Const(Tensor.Of(
            Fill.Uniform($"distill:student:{name}", shape.Aggregate(1L, (product, d) => product * d)), shape));
    }

    /// <summary>What a student gives, by what the loss is derived, and what is fed.</summary>
    sealed record Student(
        Value Logits, List<(string Name, Value Value)> Sources, List<(string, float[], long[])> Feeds);

    [TestMethod]
    public void ATokenNeedsItsHead()
    {
        var graph = new Graph("student");
        var logits = graph.Input("logits", DType.Float32, new Shape(Dim.Batch, 5));
        var task = new Distillation(Classification.Plain, new Given([]), new() { Type = "token" });
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => task.Loss(new(logits))).Message,
            "deit_tiny_distilled_patch16_224");
    }

    [TestMethod]
    public void UnknownTypesAreErrors() => StringAssert.Contains(Assert.ThrowsExactly<UserException>(() =>
        new Distillation(Classification.Plain, new Given([]), new() { Type = "logits" })).Message,
        "Did you mean \"logit\"?");

    static readonly string[] Types = ["logit", "feature", "token"];

    static ITask Task(JsonElement row)
    {
        var (args, criterion) = (row.GetProperty("args"), row.GetProperty("criterion"));
        double? Number(JsonElement from, string key) => from.TryGetProperty(key, out var v) ? v.GetDouble() : null;
        var smoothing = Number(criterion, "smoothing") ?? 0;
        var task = new Classification(LossTypes.Create(new()
        {
            Type = criterion.TryGetProperty("loss_type", out var type) ? type.GetString()! : "ce",
            Smoothing = smoothing,
            BceSum = criterion.TryGetProperty("bce_sum", out _),
            BceTargetThresh = Number(criterion, "bce_target_thresh"),
        }), smoothing);
        var name = row.GetProperty("task").GetString()!;
        return name == "ClassificationTask" ? task
            : new Distillation(task, new Given(Flat(row.GetProperty("teacher")
                .GetProperty(name.StartsWith("Feature", StringComparison.Ordinal) ? "features" : "logits"))), new()
                {
                    Type = Types.First(type => name.StartsWith(type, StringComparison.OrdinalIgnoreCase)),
                    Temperature = Number(args, "temperature") ?? 1,
                    IsHard = args.TryGetProperty("distill_type", out var kind) && kind.GetString() == "hard",
                    TaskWeight = Number(args, "task_loss_weight"),
                    Weight = Number(args, "distill_loss_weight"),
                });
    }

    static float[] Fed(IFeeder feeder, JsonElement row, long width)
    {
        if (feeder.Input == Classification.Target && row.GetProperty("soft_targets").GetBoolean())
            return Flat(Reference.GetProperty("soft"));
        var rows = new float[4 * width];
        feeder.Fill(new()
        {
            Images = [],
            Labels = [.. Reference.GetProperty("labels").EnumerateArray().Select(l => l.GetInt64())],
        }, rows);
        return rows;
    }

    static float[] Flat(JsonElement values) => values.ValueKind == JsonValueKind.Array
        ? [.. values.EnumerateArray().SelectMany(Flat)] : [values.GetSingle()];
}
