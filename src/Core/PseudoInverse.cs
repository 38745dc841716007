namespace OnnxTimm;

/// <summary>Small dense matrices, for the resize of patch kernels.</summary>
static class PseudoInverse
{
    /// <summary>The Moore-Penrose inverse of a matrix of full rank, transposed: the shape stays [m, n].</summary>
    /// <remarks>
    /// Wide: (A A')^-1 A. Tall: A (A' A)^-1. In double precision, which the squared condition allows.
    /// </remarks>
    public static double[,] Transposed(double[,] a) => a.GetLength(0) <= a.GetLength(1)
        ? Solve(Product(a, Transpose(a)), a)
        : Transpose(Solve(Product(Transpose(a), a), Transpose(a)));

    static double[,] Transpose(double[,] a)
    {
        var result = new double[a.GetLength(1), a.GetLength(0)];
        for (var i = 0; i < a.GetLength(0); i++)
            for (var j = 0; j < a.GetLength(1); j++)
                result[j, i] = a[i, j];
        return result;
    }

    static double[,] Product(double[,] a, double[,] b)
    {
        var result = new double[a.GetLength(0), b.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
            for (var k = 0; k < b.GetLength(0); k++)
                for (var j = 0; j < b.GetLength(1); j++)
                    result[i, j] += a[i, k] * b[k, j];
        return result;
    }

    /// <summary>
    /// X of S X = B for a symmetric positive definite S: Gauss-Jordan, which needs no pivoting there.
    /// </summary>
    static double[,] Solve(double[,] s, double[,] b)
    {
        var x = (double[,])b.Clone();
        for (var pivot = 0; pivot < s.GetLength(0); pivot++)
        {
            Scale(s, pivot, 1 / s[pivot, pivot], x);
            for (var row = 0; row < s.GetLength(0); row++)
                if (row != pivot)
                    Subtract(s, row, pivot, s[row, pivot], x);
        }
        return x;
    }

    static void Scale(double[,] s, int row, double factor, double[,] x)
    {
        for (var j = 0; j < s.GetLength(1); j++)
            s[row, j] *= factor;
        for (var j = 0; j < x.GetLength(1); j++)
            x[row, j] *= factor;
    }

    static void Subtract(double[,] s, int row, int pivot, double factor, double[,] x)
    {
        for (var j = 0; j < s.GetLength(1); j++)
            s[row, j] -= factor * s[pivot, j];
        for (var j = 0; j < x.GetLength(1); j++)
            x[row, j] -= factor * x[pivot, j];
    }
}
