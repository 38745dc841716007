using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Weights as training programs wrap them (tests/golden/pytorch/wrapped).</summary>
[TestClass]
public sealed class WrappedTests
{
    static readonly (string, long[])[] Model = [("conv.weight", [2, 3, 1, 1]), ("fc.weight", [2, 2]), ("fc.bias", [2])];

    [TestMethod]
    [DataRow("compile_of_ddp.pth")]
    [DataRow("ddp_of_compile.pth")]
    [DataRow("lightning.pth")]
    [DataRow("backbone.pth")]
    [DataRow("fsdp.pth")]
    [DataRow("fsdp_inner.pth")]
    [DataRow("tutorial.pth")]
    [DataRow("net.pth")]
    [DataRow("path.pth")]
    [DataRow("date.pth")]
    [DataRow("deque.pth")]
    [DataRow("enum.pth")]
    [DataRow("swa.pth")]
    [DataRow("sharded_bin/pytorch_model.bin.index.json")]
    [DataRow("sharded_bin")]
    public void WeightsAreFound(string name)
    {
        using var file = Checkpoint.Open(Path.Combine(Paths.Golden("pytorch", "wrapped"), name));
        var result = StateDicts.Load(file, Model);
        CollectionAssert.AreEqual(new[] { "conv.weight", "fc.weight", "fc.bias" }, result.Tensors.Keys.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, result.Tensors["conv.weight"].ToFloats());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3 }, result.Tensors["fc.weight"].ToFloats());
        CollectionAssert.AreEqual(new float[] { 0, 1 }, result.Tensors["fc.bias"].ToFloats());
        Assert.AreEqual(CheckpointFormat.PyTorch, file.Format);
    }

    /// <summary>The file, and what is said of it.</summary>
    [TestMethod]
    [DataRow("teacher.pth", "several sets of tensors, student, teacher")]
    [DataRow("two.pth", "2 times: below \"student.\", \"teacher.\"")]
    [DataRow("quantized.pth", "\"fc.weight\" is an object of torch._utils._rebuild_qtensor")]
    [DataRow("sparse.pth", "\"fc.weight\" is an object of torch._utils._rebuild_sparse_tensor")]
    [DataRow("holder.pth", "\"state_dict\" is an object of __main__.Holder")]
    [DataRow("module.pth", "an object of torch.nn.modules.linear.Linear")]
    [DataRow("module_inside.pth", "\"model\" is an object of torch.nn.modules.linear.Linear")]
    public void WhatIsNotReadIsSaid(string name, string words)
    {
        var error = Assert.ThrowsExactly<UserException>(() =>
        {
            using var file = Checkpoint.Open(Paths.Golden("pytorch", "wrapped", name));
            StateDicts.Load(file, Model);
        });
        StringAssert.Contains(error.Message, name);
        StringAssert.Contains(error.Message, words);
    }

    [TestMethod]
    public void WhatStandsBesideTheModelMayBeLeftOver()
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", "wrapped", "lightning_more.pth"));
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, Model));
        StringAssert.EndsWith(error.Message, "In the file, not in the model (1): loss.weight.");
        Assert.HasCount(3, StateDicts.Load(file, Model, new() { AllowUnexpected = ["loss.*"] }).Entries);
    }

    [TestMethod]
    public void ThePrefixThatWouldHelpIsShown()
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", "wrapped", "lightning.pth"));
        (string, long[])[] larger = [.. Model, ("head.bias", [2])];
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, larger));
        StringAssert.EndsWith(error.Message, "does not fit the model. Names of the model begin with \"model.\" there: "
            + "without it, 3 of 4 fit.");
        Assert.HasCount(3, StateDicts.Load(file, larger, new() { AllowMissing = ["head.*"] }).Entries);
    }
}
