namespace OnnxTimm.Models;

/// <summary>A part of a network that may read all of it: the whole, a stem, an embedding, a head.</summary>
/// <typeparam name="TConfig">The family's configuration.</typeparam>
public delegate Value NetPart<TConfig>(Value x, Scope s, TConfig c, Net net);

/// <summary>A block over a map, or its shortcut, that gives so many channels at the place's stride.</summary>
/// <typeparam name="TStyle">What all blocks of a network have in common.</typeparam>
public delegate Value ConvBlock<TStyle>(Value x, Scope s, int channels, TStyle style, Place place);

/// <summary>A block over tokens [N, L, D], or its attention or MLP, that gives as many as it takes.</summary>
/// <typeparam name="TStyle">What all blocks of a network have in common.</typeparam>
public delegate Value TokenBlock<TStyle>(Value x, Scope s, TStyle style, Place place);
