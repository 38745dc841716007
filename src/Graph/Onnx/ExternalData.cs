using System.Globalization;
using System.Security.Cryptography;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>
/// The file that holds the content of tensors beside a model; each begins at a multiple of a page so that it can be
/// mapped.
/// </summary>
/// <param name="location">Name relative to the model.</param>
/// <param name="stream">Where the content is written.</param>
sealed class ExternalData(string location, Stream stream)
{
    const int Page = 4096;

    // Shapes and axes must be in the model itself, or shape inference does not see them.
    const int Smallest = 1024;

    long end;

    public static bool Takes(Tensor tensor) => tensor.Strings is null && tensor.ByteCount >= Smallest;

    /// <summary>Reserves the place of a tensor and notes it in the tensor's header.</summary>
    public void Place(TensorProto header, Tensor tensor)
    {
        var offset = Aligned(end);
        end = offset + tensor.ByteCount;
        header.DataLocation = 1;
        header.ExternalData.Add(Entry("location", location));
        header.ExternalData.Add(Entry("offset", offset.ToString(CultureInfo.InvariantCulture)));
        header.ExternalData.Add(Entry("length", tensor.ByteCount.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Writes the content of a tensor; in the order of <see cref="Place"/>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="sha">Takes its hash on the way; null for none.</param>
    public void Write(Tensor tensor, SHA256? sha)
    {
        stream.Write(new byte[Aligned(stream.Position) - stream.Position]);
        Sealing.Through(stream, sha, tensor);
    }

    static long Aligned(long offset) => (offset + Page - 1) / Page * Page;

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
