using System.Collections;
using System.Collections.Immutable;

namespace OnnxTimm;

/// <summary>
/// One dimension: a number, or a multiple of a symbol (the batch <c>N</c>, or <c>64*N</c> for 64 windows an image).
/// </summary>
/// <param name="Factor">The size, or the multiple of <paramref name="Symbol"/>.</param>
/// <param name="Symbol">Null for a fixed size.</param>
public readonly record struct Dim(long Factor, string? Symbol = null)
{
    /// <summary>The batch dimension of every model.</summary>
    public static readonly Dim Batch = new(1, "N");

    /// <summary>Whether the size is known before a graph runs.</summary>
    public bool IsFixed => Symbol is null;

    /// <summary>The size; throws for a symbol.</summary>
    public long Size => IsFixed ? Factor
        : throw new InvalidOperationException($"The dimension {this} has no fixed size.");

    /// <summary>A size that is known.</summary>
    public static implicit operator Dim(long size) => new(size);

    /// <summary>The product; two symbols become one, <c>a*b</c>.</summary>
    public static Dim operator *(Dim a, Dim b) =>
        a.IsFixed ? new(a.Factor * b.Factor, b.Symbol)
        : b.IsFixed ? new(a.Factor * b.Factor, a.Symbol)
        : new(a.Factor * b.Factor, $"{a.Symbol}*{b.Symbol}");

    /// <summary>Exact division; throws where it leaves a rest.</summary>
    public static Dim operator /(Dim a, Dim b) =>
        b.Factor != 0 && a.Factor % b.Factor == 0 && (b.IsFixed || a.Symbol == b.Symbol)
            ? new(a.Factor / b.Factor, b.IsFixed ? a.Symbol : null)
            : throw new InvalidOperationException($"{a} cannot be divided by {b}.");

    /// <summary>The sum; of two different symbols it is a new one, <c>(a+b)</c>.</summary>
    public static Dim operator +(Dim a, Dim b) =>
        a.Symbol == b.Symbol ? new(a.Factor + b.Factor, a.Symbol)
        : a is { IsFixed: true, Factor: 0 } ? b
        : b is { IsFixed: true, Factor: 0 } ? a
        : new(1, $"({a}+{b})");

    /// <summary>The size, the symbol, or <c>factor*symbol</c>.</summary>
    public override string ToString() => IsFixed ? $"{Factor}" : Factor == 1 ? Symbol! : $"{Factor}*{Symbol}";
}

/// <summary>The dimensions of a value; in a file of somebody else's they may be unknown.</summary>
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    readonly ImmutableArray<Dim> dims;

    /// <summary>A shape whose rank is known; none of its dimensions need be.</summary>
    public Shape(params IEnumerable<Dim> dims) => this.dims = [.. dims];

    Shape(bool known) => (dims, IsKnown) = ([], known);

    /// <summary>The shape of a value about whose rank nothing is known.</summary>
    public static Shape Unknown { get; } = new(known: false);

    /// <summary>The shape of rank 0, of one element.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>Whether the rank is known; all but <see cref="Unknown"/>.</summary>
    public bool IsKnown { get; } = true;

    /// <summary>Number of dimensions; throws where it is not known.</summary>
    public int Rank => Known.Length;

    int IReadOnlyCollection<Dim>.Count => Rank;

    /// <summary>The dimension at an axis; a negative axis counts from the end.</summary>
    public Dim this[int axis] => Known[axis < 0 ? axis + dims.Length : axis];

    /// <summary>Whether rank and all sizes are known.</summary>
    public bool IsFixed => IsKnown && dims.All(d => d.IsFixed);

    /// <summary>Number of elements, as a dimension since the batch may be in it.</summary>
    public Dim Count => Known.Aggregate((Dim)1, (product, d) => product * d);

    ImmutableArray<Dim> Known => IsKnown ? dims : throw new InvalidOperationException("The shape is not known.");

    /// <summary>A shape of known sizes.</summary>
    public static implicit operator Shape(long[] sizes) => Of(sizes);

    /// <summary>A shape of known sizes.</summary>
    public static Shape Of(params IEnumerable<long> sizes) => new(sizes.Select(d => (Dim)d));

    /// <summary>All sizes; throws when one is symbolic.</summary>
    public long[] Sizes => [.. Known.Select(d => d.Size)];

    /// <summary>An axis in the range 0 to rank - 1.</summary>
    public int Axis(long axis) => axis < -Rank || axis >= Rank
        ? throw new InvalidOperationException($"Axis {axis} is outside the shape {this}.")
        : (int)(axis < 0 ? axis + Rank : axis);

    /// <summary>The axes from one to the last, as operators take them.</summary>
    public long[] AxesFrom(int first) => [.. Enumerable.Range(first, Rank - first).Select(axis => (long)axis)];

    /// <summary>The same shape with another size at one axis.</summary>
    public Shape With(int axis, Dim size) => new(Known.SetItem(Axis(axis), size));

    /// <summary>The shape of an elementwise operation over two values (NumPy's rule).</summary>
    public static Shape Broadcast(Shape a, Shape b)
    {
        var rank = Math.Max(a.Rank, b.Rank);
        return new(Enumerable.Range(-rank, rank).Select(axis => (At(a, axis), At(b, axis)) switch
        {
            ({ IsFixed: true, Factor: 1 }, var y) => y,
            (var x, { IsFixed: true, Factor: 1 }) => x,
            var (x, y) when x == y => x,
            _ => throw new InvalidOperationException($"The shapes {a} and {b} do not broadcast."),
        }));

        static Dim At(Shape s, int axis) => axis < -s.Rank ? 1 : s[axis];
    }

    /// <summary>Equal dimensions in the same order, symbols by name.</summary>
    public bool Equals(Shape? other) =>
        other is not null && IsKnown == other.IsKnown && dims.AsSpan().SequenceEqual(other.dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => dims.Aggregate(IsKnown ? 17 : 0, HashCode.Combine);

    /// <summary>The dimensions, the outermost first; throws where the rank is not known.</summary>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)Known).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary><c>[N, 3, 224, 224]</c>, or <c>[?]</c> where the rank is not known.</summary>
    public override string ToString() => IsKnown ? $"[{string.Join(", ", dims)}]" : "[?]";
}
