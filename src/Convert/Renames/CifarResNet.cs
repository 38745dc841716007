namespace OnnxTimm.Conversion;

/// <summary>ResNets of the CIFAR-10 experiment (arXiv:1512.03385, section 4.2) in foreign names.</summary>
static class CifarResNet
{
    /// <summary>akamaster/pytorch_resnet_cifar10 by Yerlan Idelbayev.</summary>
    public static readonly RenameTable Idelbayev = new(
        "CIFAR ResNet of pytorch_resnet_cifar10",
        names => names.Contains("linear.weight") && names.Contains("layer3.0.conv1.weight")
            && !names.Contains("layer4.0.conv1.weight"),
        [
            new Rename(@"^linear\.", "fc."),
        ]);
}
