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
        var student = row.GetProperty("student");
        var graph = new Graph("student");
        var shape = new Shape(Dim.Batch, 5);
        var logits = graph.Input("logits", DType.Float32, shape);
        List<(string, float[], long[])> feeds = [("logits", Flat(student.GetProperty("logits")), [4, 5])];
        List<Value> sources = [logits];
        if (student.TryGetProperty("dist_logits", out var token))
        {
            var heads = new[] { logits, graph.Input("dist_logits", DType.Float32, shape) };
            feeds.Add(("dist_logits", Flat(token), [4, 5]));
            sources.Add(heads[1]);
            graph.Output("logits_0", heads[0].Identity());
            graph.Output("logits_1", heads[1].Identity());
        }
        var task = Task(row);
        var loss = task.Loss(new(logits));
        var gradients = Gradients.Of(loss, sources);
        graph.Output("loss", loss);
        foreach (var source in sources)
            graph.Output($"grad:{source.Name}", gradients[source]);
        feeds.AddRange(task.Feeders.Select(f => (f.Input, Fed(f, row), (long[])[4, 5])));
        var outputs = Ort.Run(Fused.Expand(graph), [.. feeds]);
        Assert.AreEqual(row.GetProperty("loss").GetDouble(), outputs["loss"][0], Tolerances.Get("distillation"), title);
        foreach (var source in sources)
            foreach (var (e, got) in Flat(row.GetProperty("grad").GetProperty(source.Name))
                .Zip(outputs[$"grad:{source.Name}"]))
                Assert.AreEqual(e, got, Tolerances.Get("distillation"), $"{title} {source.Name}");
    }

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
            : new Distillation(task, new Given(Flat(row.GetProperty("teacher").GetProperty("logits"))), new()
            {
                Type = name.StartsWith("Token", StringComparison.Ordinal) ? "token" : "logit",
                Temperature = Number(args, "temperature") ?? 1,
                IsHard = args.TryGetProperty("distill_type", out var kind) && kind.GetString() == "hard",
                TaskWeight = Number(args, "task_loss_weight"),
                Weight = Number(args, "distill_loss_weight"),
            });
    }

    static float[] Fed(IFeeder feeder, JsonElement row)
    {
        if (feeder.Input == Classification.Target && row.GetProperty("soft_targets").GetBoolean())
            return Flat(Reference.GetProperty("soft"));
        var rows = new float[20];
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
