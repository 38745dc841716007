namespace OnnxTimm.Conversion;

/// <summary>Where pretrained weights come from and where they are kept.</summary>
public sealed record HubSettings
{
    /// <summary>Folder of Hugging Face's cache, shared with Python programs.</summary>
    public required string Cache { get; init; }

    /// <summary>Folder for weights with an address of their own, shared with torch.hub.</summary>
    public required string UrlCache { get; init; }

    /// <summary>Where models lie; <c>HF_ENDPOINT</c> names a mirror.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>True: use what is in the cache and never the network.</summary>
    public bool Offline { get; init; }

    /// <summary>Access token for gated repositories; sent to <see cref="Endpoint"/> only.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Tries of one download; each goes on where the one before ended, and they count anew where that brought bytes.
    /// </summary>
    public int Tries { get; init; } = 5;

    /// <summary>Pause before the second try; it doubles from then on.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes a second below which a connection counts as silent.</summary>
    public int LeastSpeed { get; init; } = 1024;

    /// <summary>Most bytes of a file whose server does not say how long it is.</summary>
    public long MostUnsaid { get; init; } = 16L << 30;

    /// <summary>
    /// The settings of huggingface_hub and torch.hub: HF_HUB_CACHE, HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN and
    /// TORCH_HOME; ONNXTIMM_HOME where none of their folders is set.
    /// </summary>
    /// <param name="get">Gives a variable; the process's environment by default.</param>
    public static HubSettings FromEnvironment(Func<string, string?>? get = null)
    {
        var read = get ?? Environment.GetEnvironmentVariable;
        string? Value(string name) => read(name) is { Length: > 0 } value ? value : null;
        var caches = Value("XDG_CACHE_HOME") ?? Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache");
        var home = Value("ONNXTIMM_HOME");
        return new HubSettings
        {
            Cache = Value("HF_HUB_CACHE")
                ?? Path.Combine(Value("HF_HOME") ?? home ?? Path.Combine(caches, "huggingface"), "hub"),
            UrlCache = Path.Combine(Value("TORCH_HOME") ?? home ?? Path.Combine(caches, "torch"), "hub", "checkpoints"),
            Endpoint = Address(Value("HF_ENDPOINT")) ?? new Uri("https://huggingface.co"),
            Offline = Value("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
            Token = Value("HF_TOKEN"),
        };
    }

    static Uri? Address(string? endpoint) => endpoint is null ? null
        : Uri.TryCreate(endpoint.TrimEnd('/') + '/', UriKind.Absolute, out var address) ? address
        : throw new UserException($"HF_ENDPOINT=\"{endpoint}\" is no address such as https://huggingface.co.");
}
