using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>Where a pretrained record says its weights are (timm: file before hub before url).</summary>
/// <param name="HubId">
/// Repository on the hub, such as "timm/resnet50.a1_in1k", with @revision where it is not main.
/// </param>
/// <param name="HubFile">File in that repository; timm's order of preference where none is named.</param>
/// <param name="Url">Address of a file elsewhere.</param>
/// <param name="LocalFile">File, or folder in the form of a hub repository, on this machine.</param>
public sealed partial record WeightSource(
    string? HubId = null, string? HubFile = null, string? Url = null, string? LocalFile = null)
{
    internal string Repository => HubId!.Split('@')[0];

    internal string Revision => HubId!.Split('@') is [_, var revision] ? revision : "main";

    /// <summary>Names become folders: what could lead out of them is refused.</summary>
    internal void CheckHubId()
    {
        if (!HubIdForm().IsMatch(HubId!) || HubId!.Contains(".."))
            throw new UserException($"\"{HubId}\" is no repository of the hub, such as \"timm/resnet50.a1_in1k\".");
        if (HubFile is { } file && (!FileForm().IsMatch(file) || file.Contains("..")))
            throw new UserException($"\"{file}\" is no file name in a repository.");
    }

    [GeneratedRegex(@"^[\w.-]+(/[\w.-]+)?(@[\w.-]+)?$")]
    private static partial Regex HubIdForm();

    [GeneratedRegex(@"^[\w-][\w./-]*$")]
    private static partial Regex FileForm();
}
