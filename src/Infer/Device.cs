using System.Globalization;

namespace OnnxTimm.Infer;

/// <summary>Where a session runs: by default on the processor.</summary>
public readonly record struct Device
{
    readonly Provider? other;

    Device(Provider? other, int number) => (this.other, Number) = (other, number);

    /// <summary>The default: the processor.</summary>
    public static Device Cpu => default;

    /// <summary>What computes there.</summary>
    public Provider Provider => other ?? Providers.Cpu;

    /// <summary>Which of several, from 0.</summary>
    public int Number { get; }

    /// <summary>Whether it is the processor, by ONNX Runtime's own kernels.</summary>
    public bool IsCpu => other is null;

    /// <summary>Reads a name of <see cref="Providers.Table"/>, with a number where there may be several: <c>cuda:1</c>.
    /// </summary>
    /// <exception cref="UserException">No such device.</exception>
    public static Device Parse(string text)
    {
        var parts = text.Split(':', 2);
        var row = Providers.Table.FirstOrDefault(p => p.Name == parts[0]);
        var number = 0;
        return row is not null && (parts.Length == 1 || row.IsNumbered
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out number))
            ? new(row == Providers.Cpu ? null : row, number)
            : throw Nearest.Unknown("device", text, Providers.Table.SelectMany(p =>
                p.IsNumbered ? new[] { p.Name, $"{p.Name}:N" } : [p.Name]));
    }

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString() => Provider.IsNumbered ? $"{Provider.Name}:{Number}" : Provider.Name;
}
