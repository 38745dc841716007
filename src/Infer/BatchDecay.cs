using System.Numerics;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>Tries smaller batches where one is too large for the machine (timm/utils/decay_batch.py).</summary>
public static class BatchDecay
{
    /// <summary>What a message has where no smaller batch helps.</summary>
    static readonly string[] Hopeless = ["required rank", "illegal"];

    /// <summary>The next smaller batch: 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1; 0 behind the last.</summary>
    public static int Next(int batch)
    {
        if (batch <= 1)
            return 0;
        var power = 1 << BitOperations.Log2((uint)(batch - 1));
        var step = Math.Max(power / 2, 1);
        return power + (batch - power - 1) / step * step;
    }

    /// <summary>Runs with a batch, and with smaller ones while ONNX Runtime or the memory fails.</summary>
    /// <param name="batch">The first batch.</param>
    /// <param name="run">Runs with a batch.</param>
    /// <param name="note">Takes what failed, and what is tried next.</param>
    public static T Run<T>(int batch, Func<int, T> run, Action<string> note)
    {
        while (true)
            try
            {
                return run(batch);
            }
            catch (Exception e) when (IsOfSize(e) && Next(batch) > 0)
            {
                note($"{e.Message.ReplaceLineEndings(" ")} A batch of {Next(batch)} is tried instead of {batch}.");
                batch = Next(batch);
            }
    }

    static bool IsOfSize(Exception e) => e is OutOfMemoryException
        || (e is UserException { InnerException: OnnxRuntimeException }
            && !Hopeless.Any(text => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase)));
}
