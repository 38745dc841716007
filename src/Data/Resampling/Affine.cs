using System.Globalization;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Data;

/// <summary>
/// Where a pixel of the output comes from: x' = A x + B y + C, y' = D x + E y + F, at the middles of pixels. Pillow's
/// <c>Image.transform</c> with <c>AFFINE</c>, byte for byte (Geometry.c).
/// </summary>
public readonly record struct Affine(double A, double B, double C, double D, double E, double F)
{
    /// <summary>Slants along x.</summary>
    public static Affine ShearX(double factor) => new(1, factor, 0, 0, 1, 0);

    /// <summary>Slants along y.</summary>
    public static Affine ShearY(double factor) => new(1, 0, 0, factor, 1, 0);

    /// <summary>Moves by pixels, left and up.</summary>
    public static Affine Translate(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Turns about the middle of an image, counter-clockwise; Pillow's <c>Image.rotate</c>.</summary>
    public static Affine Rotate(double degrees, int width, int height)
    {
        var turn = degrees % 360;
        var radians = -((turn < 0 ? turn + 360 : turn) * (Math.PI / 180));
        var (cos, sin) = (Rounded(Math.Cos(radians)), Rounded(Math.Sin(radians)));
        var (x, y) = (width / 2.0, height / 2.0);
        return new(cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y);
    }

    /// <summary>Makes an image of the same size; the given one is disposed.</summary>
    /// <param name="image">What is transformed.</param>
    /// <param name="filter">Bilinear or bicubic.</param>
    /// <param name="fill">The colour where there is no image.</param>
    public Image Apply(Image image, Interpolation filter, uint fill)
    {
        var result = Image.Rent(image.Width, image.Height);
        using (image)
            for (var y = 0; y < result.Height; y++)
            {
                var row = result.Words.Slice(y * result.Width, result.Width);
                for (var x = 0; x < row.Length; x++)
                {
                    var (px, py) = (x + 0.5, y + 0.5);
                    var (fromX, fromY) = (A * px + B * py + C, D * px + E * py + F);
                    row[x] = fromX < 0 || fromX >= image.Width || fromY < 0 || fromY >= image.Height ? fill
                        : Sample(image.View(), filter, fromX - 0.5, fromY - 0.5);
                }
            }
        return result;
    }

    /// <summary>Rounded to 15 decimals as Python rounds: to the nearest decimal number, then to a double.</summary>
    static double Rounded(double value) => double.Parse(
        value.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static uint Sample(Pixels image, Interpolation filter, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (dx, dy) = (x - left, y - top);
        // At a whole place both filters give its pixel, to the bit: shears and shifts are whole along one axis.
        if (dy == 0)
            return Pack(Along(image, filter, left, top, dx));
        return Pack(filter == Interpolation.Bilinear
            ? Between(Along(image, filter, left, top, dx), Along(image, filter, left, top + 1, dx),
                Vector256.Create(dy))
            : Cubic(Along(image, filter, left, top - 1, dx), Along(image, filter, left, top, dx),
                Along(image, filter, left, top + 1, dx), Along(image, filter, left, top + 2, dx),
                Vector256.Create(dy)));
    }

    /// <summary>Along a row, or its nearest that there is.</summary>
    static Vector256<double> Along(Pixels image, Interpolation filter, int x, int y, double d)
    {
        var row = image.Words(Math.Clamp(y, 0, image.Height - 1));
        return d == 0 ? At(row, x)
            : filter == Interpolation.Bilinear ? Between(At(row, x), At(row, x + 1), Vector256.Create(d))
            : Cubic(row, x - 1, Vector256.Create(d));
    }

    static Vector256<double> Between(Vector256<double> a, Vector256<double> b, Vector256<double> d) => a + (b - a) * d;

    static Vector256<double> Cubic(ReadOnlySpan<uint> row, int x, Vector256<double> d)
    {
        if (x < 0 || x + Vector128<uint>.Count > row.Length)
            return Cubic(At(row, x), At(row, x + 1), At(row, x + 2), At(row, x + 3), d);
        var (low, high) = Vector128.Widen(Vector128.Create(row[x..]).AsByte());
        return Cubic(Of(Vector128.WidenLower(low)), Of(Vector128.WidenUpper(low)), Of(Vector128.WidenLower(high)),
            Of(Vector128.WidenUpper(high)), d);
    }

    /// <summary>Cubic with a = -1, in Pillow's order of operations.</summary>
    static Vector256<double> Cubic(Vector256<double> v1, Vector256<double> v2, Vector256<double> v3,
        Vector256<double> v4, Vector256<double> d)
    {
        var first = v3 - v1;
        var second = (v1 - v2) * 2 + v3 - v4;
        var third = v2 - v1 - v3 + v4;
        return v2 + d * (first + d * (second + d * third));
    }

    /// <summary>The four bytes of a pixel of a row, or of its last one.</summary>
    static Vector256<double> At(ReadOnlySpan<uint> row, int x)
    {
        var bytes = Vector128.CreateScalar(row[Math.Clamp(x, 0, row.Length - 1)]).AsByte();
        return Of(Vector128.WidenLower(Vector128.WidenLower(bytes)));
    }

    static Vector256<double> Of(Vector128<uint> channels)
    {
        var floats = Vector128.ConvertToSingle(channels.AsInt32());
        return Vector256.Create(Vector128.WidenLower(floats), Vector128.WidenUpper(floats));
    }

    static uint Pack(Vector256<double> value)
    {
        var whole = Vector256.Min(Vector256.Max(value, Vector256<double>.Zero), Vector256.Create(255.0));
        return (uint)whole[0] | ((uint)whole[1] << 8) | ((uint)whole[2] << 16);
    }
}
