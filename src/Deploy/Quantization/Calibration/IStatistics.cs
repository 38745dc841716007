namespace OnnxTimm.Deploy;

/// <summary>What is kept of a tensor's numbers over images, by some threads apart and then together.</summary>
interface IStatistics<TSelf> where TSelf : IStatistics<TSelf>
{
    /// <summary>Adds an image's numbers.</summary>
    /// <param name="name">The tensor, for the message.</param>
    /// <param name="numbers">Its numbers.</param>
    /// <exception cref="UserException">They cannot be counted.</exception>
    void Add(string name, ReadOnlySpan<float> numbers);

    /// <summary>Adds what another has seen.</summary>
    void Add(TSelf other);
}
