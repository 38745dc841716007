using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Gives the values that a reference drew, in their order, instead of its own.</summary>
sealed class DrawnRandom(IEnumerable<double> values) : CounterRandom(0)
{
    readonly Queue<double> values = new(values);

    /// <summary>Of what a reference file has drawn: [function, arguments, value or values].</summary>
    public DrawnRandom(JsonElement drawn) : this(drawn.EnumerateArray().SelectMany(call => Values(call[2])))
    {
    }

    /// <summary>Values that nobody asked for.</summary>
    public int Left => values.Count;

    public override double NextDouble() => values.Dequeue();

    public override double Uniform(double from, double to) => values.Dequeue();

    public override int Integer(int from, int to) => (int)values.Dequeue();

    public override double Beta(double alpha, double beta) => values.Dequeue();

    /// <summary>What is written where something is erased is not recorded.</summary>
    public override double Normal() => 7;

    public override void Normals(Span<float> to) => to.Fill(7);

    static IEnumerable<double> Values(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().SelectMany(Values)
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [value.GetBoolean() ? 1 : 0]
        : [value.GetDouble()];
}
