using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>What ONNX Runtime can run networks on.</summary>
public static class Providers
{
    const string Gpu = "The package Microsoft.ML.OnnxRuntime.Gpu.Linux has it: ./build.sh publish --gpu makes a "
        + "program with that.";

    /// <summary>The processor, by ONNX Runtime's own kernels: every runtime has it.</summary>
    public static readonly Provider Cpu = new("cpu", "CPUExecutionProvider", "Every ONNX Runtime has it.", [])
    {
        Trains = true,
    };

    /// <summary>All that there are: a new one is a row.</summary>
    public static readonly IReadOnlyList<Provider> Table =
    [
        Cpu,
        new("cuda", "CUDAExecutionProvider", Gpu, Names("""
            arena_extend_strategy cudnn_conv1d_pad_to_nc1d cudnn_conv_algo_search cudnn_conv_use_max_workspace
            do_copy_in_default_stream enable_cuda_graph enable_cudnn enable_skip_layer_norm_strict_mode fuse_conv_bias
            gpu_mem_limit prefer_nhwc sdpa_kernel tunable_op_enable tunable_op_max_tuning_duration_ms
            tunable_op_tuning_enable use_ep_level_unified_stream use_tf32
            """))
        {
            IsNumbered = true, IsApart = true, Trains = true, Append = Cuda,
        },
        new("tensorrt", "TensorrtExecutionProvider", Gpu, Names("""
            trt_auxiliary_streams trt_bf16_enable trt_build_heuristics_enable trt_builder_optimization_level
            trt_context_memory_sharing_enable trt_cuda_graph_enable trt_detailed_build_log trt_dla_core trt_dla_enable
            trt_dump_ep_context_model trt_dump_subgraphs trt_engine_cache_enable trt_engine_cache_path
            trt_engine_cache_prefix trt_engine_decryption_enable trt_engine_decryption_lib_path
            trt_engine_hw_compatible trt_ep_context_embed_mode trt_ep_context_file_path trt_extra_plugin_lib_paths
            trt_force_sequential_engine_build trt_force_timing_cache trt_fp16_enable trt_int8_calibration_table_name
            trt_int8_enable trt_int8_use_native_calibration_table trt_layer_norm_fp32_fallback
            trt_load_user_initializer trt_max_partition_iterations trt_max_workspace_size trt_min_subgraph_size
            trt_onnx_model_folder_path trt_op_types_to_exclude trt_preview_features trt_profile_max_shapes
            trt_profile_min_shapes trt_profile_opt_shapes trt_sparsity_enable trt_tactic_sources
            trt_timing_cache_enable trt_timing_cache_path trt_weight_stripped_engine_enable
            """))
        {
            IsNumbered = true, IsApart = true, Append = Tensorrt,
        },
        new("openvino", "OpenVINOExecutionProvider", "A build of ONNX Runtime with --use_openvino has it.", Names("""
            cache_dir device_type disable_dynamic_shapes enable_causallm enable_opencl_throttling enable_qdq_optimizer
            load_config model_priority num_of_threads num_streams precision reshape_input layout
            """))
        {
            ThreadsOption = "num_of_threads", Append = (to, own) => to.AppendExecutionProvider("OpenVINO", own),
        },
        new("dnnl", "DnnlExecutionProvider", "A build of ONNX Runtime with --use_dnnl has it.", ["use_arena"])
        {
            Append = (to, own) => to.AppendExecutionProvider_Dnnl(own.GetValueOrDefault("use_arena") is "0" ? 0 : 1),
        },
        new("xnnpack", "XnnpackExecutionProvider", "A build of ONNX Runtime with --use_xnnpack has it.",
            ["intra_op_num_threads"])
        {
            ThreadsOption = "intra_op_num_threads", Append = (to, own) => to.AppendExecutionProvider("XNNPACK", own),
        },
    ];

    /// <summary>The release of the runtime, such as "1.31.1".</summary>
    public static string Release
    {
        get
        {
            Telemetry.Refuse();
            return Session.Guard("ONNX Runtime", () => OrtEnv.Instance().GetVersionString());
        }
    }

    /// <summary>
    /// Names of those that were compiled into the library, such as "CUDAExecutionProvider": whether one can be used
    /// depends on what it needs of the machine.
    /// </summary>
    public static IReadOnlyList<string> Compiled
    {
        get
        {
            Telemetry.Refuse();
            return Session.Guard("ONNX Runtime", () => OrtEnv.Instance().GetAvailableProviders());
        }
    }

    /// <summary>Whether the runtime tells its maker that it is used, since the environment asks for it.</summary>
    public static bool Tells => Telemetry.IsWanted;

    /// <summary>The name of the table for ONNX Runtime's.</summary>
    public static string NameOf(string ortName) =>
        Table.FirstOrDefault(row => row.OrtName == ortName)?.Name ?? ortName;

    /// <summary>Why a device cannot be used: one line, with the library that is missing; null where it can.</summary>
    public static string? Fault(Device device)
    {
        try
        {
            new RuntimeOptions { Device = device }.Check();
            return null;
        }
        catch (UserException e)
        {
            return e.Message;
        }
    }

    /// <summary>Looks whether the runtime has a provider and the provider has the options.</summary>
    /// <param name="compiled">What the runtime has, by its own names.</param>
    /// <param name="release">The runtime's release.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="options">Options by their names.</param>
    /// <exception cref="UserException">One of both is not so.</exception>
    internal static void Check(
        IReadOnlyList<string> compiled, string release, Provider provider, IEnumerable<string> options)
    {
        if (!compiled.Contains(provider.OrtName))
            throw new UserException($"{provider.Name} is not in this ONNX Runtime {release}, which has "
                + $"{string.Join(", ", compiled.Select(NameOf))}. {provider.Origin}");
        foreach (var name in options.Except(provider.Options))
            throw provider.Options.FirstOrDefault(o => o.StartsWith($"{name}_", StringComparison.Ordinal)) is { } whole
                ? new($"No option of {provider.Name} \"{name}\". Did you mean \"{whole}\"?")
                : provider.Options.Count > 0 ? Nearest.Unknown($"option of {provider.Name}", name, provider.Options)
                : new($"No setting of ONNX Runtime \"{name}\": those of its sessions have a dot, as in "
                    + $"session.use_deterministic_compute, and {provider.Name} has no options of its own.");
    }

    /// <summary>Adds what a device needs to the options of a session.</summary>
    /// <exception cref="UserException">The device cannot be used.</exception>
    internal static void Append(SessionOptions to, RuntimeOptions options)
    {
        var provider = options.Device.Provider;
        var own = new Dictionary<string, string>(options.ProviderOptions);
        if (provider.IsNumbered)
            own["device_id"] = options.Device.Number.ToString(CultureInfo.InvariantCulture);
        if (provider.ThreadsOption is { } threads)
            own.TryAdd(threads, to.IntraOpNumThreads.ToString(CultureInfo.InvariantCulture));
        try
        {
            provider.Append(to, own);
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            throw new UserException($"{options.Device} cannot be used: {Reason(e.Message)}", e);
        }
    }

    /// <summary>Of a library that is missing ONNX Runtime says first where in its sources it saw that.</summary>
    internal static string Reason(string message)
    {
        const string mark = ": FAIL : ";
        var text = message.ReplaceLineEndings(" ").Trim();
        return text.LastIndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? text[(at + mark.Length)..] : text;
    }

    static void Cuda(SessionOptions to, Dictionary<string, string> options)
    {
        using var own = new OrtCUDAProviderOptions();
        own.UpdateOptions(options);
        to.AppendExecutionProvider_CUDA(own);
    }

    /// <summary>What TensorRT does not take goes to CUDA.</summary>
    static void Tensorrt(SessionOptions to, Dictionary<string, string> options)
    {
        using var own = new OrtTensorRTProviderOptions();
        own.UpdateOptions(options);
        to.AppendExecutionProvider_Tensorrt(own);
        Cuda(to, new() { ["device_id"] = options["device_id"] });
    }

    static string[] Names(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
