using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Infer;

/// <summary>The table of devices, and what is said of one that cannot be had.</summary>
[TestClass]
public sealed class ProviderTests
{
    static readonly string[] GpuBuild = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"];

    /// <summary>Names as providers.h of ONNX Runtime and its list of all providers have them.</summary>
    [TestMethod]
    [DataRow("cpu", "CPUExecutionProvider")]
    [DataRow("cuda", "CUDAExecutionProvider")]
    [DataRow("tensorrt", "TensorrtExecutionProvider")]
    [DataRow("openvino", "OpenVINOExecutionProvider")]
    [DataRow("dnnl", "DnnlExecutionProvider")]
    [DataRow("xnnpack", "XnnpackExecutionProvider")]
    public void ARowHasONNXRuntimesName(string name, string ort)
    {
        Assert.AreEqual(ort, Device.Parse(name).Provider.OrtName);
        Assert.AreEqual(name, Providers.NameOf(ort));
    }

    [TestMethod]
    public void ANumberIsOfThoseThatMayBeSeveral()
    {
        Assert.AreEqual(2, Device.Parse("tensorrt:2").Number);
        Assert.AreEqual("tensorrt:2", Device.Parse("tensorrt:2").ToString());
        Assert.AreEqual("xnnpack", Device.Parse("xnnpack").ToString());
        foreach (var text in (string[])["xnnpack:0", "cpu:0", "openvino:1", "tensorrt:x", "tensort"])
            Assert.Throws<UserException>(() => Device.Parse(text), text);
    }

    [TestMethod]
    public void WhatTheRuntimeLacksIsSaidWithWhatItHas() => Assert.AreEqual("openvino is not in this ONNX Runtime "
        + "1.31.0, which has tensorrt, cuda, cpu. A build of ONNX Runtime with --use_openvino has it.",
        Assert.Throws<UserException>(() => Check("openvino")).Message);

    [TestMethod]
    public void AnOptionThatIsNoneOfTheDeviceIsSaid()
    {
        Check("tensorrt", "trt_fp16_enable", "trt_engine_cache_path");
        Check("cuda", "gpu_mem_limit");
        Assert.Contains("No option of tensorrt \"trt_fp16_enabled\". Did you mean \"trt_fp16_enable\"?",
            Assert.Throws<UserException>(() => Check("tensorrt", "trt_fp16_enabled")).Message);
        Assert.Contains("No option of tensorrt \"trt_fp16\". Did you mean \"trt_fp16_enable\"?",
            Assert.Throws<UserException>(() => Check("tensorrt", "trt_fp16")).Message);
        Assert.Contains("No setting of ONNX Runtime \"use_tf32\": those of its sessions have a dot",
            Assert.Throws<UserException>(() => Check("cpu", "use_tf32")).Message);
    }

    /// <summary>As ONNX Runtime 1.31.0 for CUDA says it on a machine without CUDA.</summary>
    [TestMethod]
    public void AMissingLibraryIsNamedAlone()
    {
        const string reason = "Failed to load library /x/libonnxruntime_providers_cuda.so with error: "
            + "libcublasLt.so.13: cannot open shared object file: No such file or directory";
        Assert.AreEqual(reason, Providers.Reason("[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/session/"
            + "provider_bridge_ort.cc:2043 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() "
            + $"[ONNXRuntimeError] : 1 : FAIL : {reason}\n"));
    }

    /// <summary>A setting with a dot is the session's, another one the device's.</summary>
    [TestMethod]
    public void SettingsGoWhereTheyBelong()
    {
        var options = new RuntimeOptions().With(["session.intra_op.allow_spinning=0", "use_tf32=0"]);
        Assert.AreEqual("0", options.Config["session.intra_op.allow_spinning"]);
        Assert.AreEqual("0", options.ProviderOptions["use_tf32"]);
        Assert.Contains("\"use_tf32\" is no setting of ONNX Runtime: write key=value.",
            Assert.Throws<UserException>(() => new RuntimeOptions().With(["use_tf32"])).Message);
    }

    [TestMethod]
    public void OneThatOnlyRunsNetworksTrainsNone() => Assert.AreEqual(
        "tensorrt runs networks but does not train them: cpu and cuda do.", Assert.Throws<UserException>(
            () => new RuntimeOptions { Device = Device.Parse("tensorrt") }.CheckTraining()).Message);

    /// <summary>Places in the table of functions, as the managed assembly's own copy of the header has them.</summary>
    [TestMethod]
    [DataRow(2, "GetErrorMessage")]
    [DataRow(93, "ReleaseStatus")]
    [DataRow(407, "Session_GetEpGraphAssignmentInfo")]
    [DataRow(408, "EpAssignedSubgraph_GetEpName")]
    [DataRow(409, "EpAssignedSubgraph_GetNodes")]
    [DataRow(410, "EpAssignedNode_GetName")]
    [DataRow(412, "EpAssignedNode_GetOperatorType")]
    public void AFunctionIsWhereItIsLookedFor(int place, string name)
    {
        var table = typeof(OrtEnv).Assembly.GetType("Microsoft.ML.OnnxRuntime.OrtApi", throwOnError: true)!;
        Assert.AreEqual(place * nint.Size, Marshal.OffsetOf(table, name));
    }

    static void Check(string device, params string[] options) =>
        Providers.Check(GpuBuild, "1.31.0", Device.Parse(device).Provider, options);
}
