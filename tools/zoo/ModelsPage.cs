using System.Text;
using OnnxTimm.Models;

namespace OnnxTimm.ZooTools;

/// <summary>docs/models.md: what the summary of each family's class says, and how many names it has.</summary>
public static class ModelsPage
{
    const string Head = """
        # Models

        `onnxtimm list` prints every name, `onnxtimm list --pretrained` every name with the tag of its pretrained
        weights, and `onnxtimm info NAME` what is known of one. Names are timm's, with and without tags; deprecated
        names of timm lead to their successors. A name without a tag stands for the first tag that has weights.

        [choose.md](choose.md) finds the one that fits. Each family has a page with its blocks drawn, its variants,
        and its weights with their accuracies and licences. `build.sh docs` makes these pages of the families' own
        files and of the index.

        ![Accuracy over parameters](images/top1-params.svg)

        ![Accuracy over work](images/top1-gmacs.svg)

        The column "with weights" counts tags.

        | module | names | with weights | what |
        |---|--:|--:|---|

        """;

    const string Tail = """

        `cifar_resnet` is not timm's: its trained weights come from
        [pytorch_resnet_cifar10](https://github.com/akamaster/pytorch_resnet_cifar10) and load as they are, with
        `--checkpoint`.

        """;

    /// <param name="root">The repository.</param>
    public static string Of(string root)
    {
        var text = new StringBuilder(Head);
        foreach (var family in Zoo.Families.OrderBy(f => f.Module, StringComparer.Ordinal))
        {
            var tags = Pretrained.Of(family.Module).Values.Count(r => r.HasWeights);
            var summary = FamilySource.Of(root, family.Module).Summary;
            text.Append($"| [`{family.Module}`](models/{family.Module}.md) | {family.Names.Count()} "
                + $"| {(tags == 0 ? "none" : tags)} | {summary} |\n");
        }
        return text.Append(Tail).ToString();
    }
}
