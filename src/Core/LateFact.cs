namespace OnnxTimm;

/// <summary>
/// A fact for the metadata of a file that is still being found out while the file is written, such as the hash of a
/// large source.
/// </summary>
/// <param name="Key">Its name.</param>
/// <param name="Length">Characters of the value, all of one byte: room is kept for them.</param>
/// <param name="Value">The value, when it is there.</param>
public sealed record LateFact(string Key, int Length, Task<string> Value);
