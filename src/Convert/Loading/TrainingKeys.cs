namespace OnnxTimm.Conversion;

/// <summary>What a training's checkpoint calls its parts; weights have their plain names.</summary>
public static class TrainingKeys
{
    /// <summary>The fact that says that a file is one, and of which version.</summary>
    public const string Version = "onnxtimm.checkpoint";

    /// <summary>Before the names of averaged weights.</summary>
    public const string Average = "ema.";

    /// <summary>Before the names of weights that only the training needs, such as a projection to a teacher's features.
    /// </summary>
    public const string Task = "task.";

    /// <summary>Before the names of the optimizer's state: <c>optimizer.SLOT.NAME</c>.</summary>
    public const string Optimizer = "optimizer.";
}
