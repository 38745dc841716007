using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("kd-model-name", MetaValue = "MODEL|FILE",
        HelpText = "Teacher: a name with pretrained weights, or an .onnx file. Without it none.")]
    public string KdModelName { get; set; } = "";

    [Option("kd-pretrained-path", MetaValue = "FILE",
        HelpText = "Weights of the teacher, instead of the pretrained ones.")]
    public string KdPretrainedPath { get; set; } = "";

    [Option("kd-distill-type", MetaValue = "NAME", HelpText = "What the teacher gives: logit, feature, or token for "
        + "networks with a head of the teacher's own. Default: logit.")]
    public string KdDistillType { get; set; } = "logit";

    [Option("kd-student-feature-dim", MetaValue = "N", HelpText = "Width of the student's features, to be checked.")]
    public int? KdStudentFeatureDim { get; set; }

    [Option("kd-teacher-feature-dim", MetaValue = "N", HelpText = "Width of the teacher's features, to be checked.")]
    public int? KdTeacherFeatureDim { get; set; }

    [Option("kd-loss-type", MetaValue = "NAME", HelpText = "How logits are compared: kl. Default: kl.")]
    public string KdLossType { get; set; } = "kl";

    [Option("kd-temperature", MetaValue = "X", HelpText = "Divides the logits that are compared. Default: 4.")]
    public double KdTemperature { get; set; } = 4;

    [Option("kd-token-distill-type", MetaValue = "NAME",
        HelpText = "What a token learns: soft, all probabilities, or hard, the teacher's class. Default: soft.")]
    public string KdTokenDistillType { get; set; } = "soft";

    [Option("distill-loss-weight", MetaValue = "X",
        HelpText = "Weight of the teacher's part of the loss, by default 1, or what --task-loss-weight leaves of 1.")]
    public double? DistillLossWeight { get; set; }

    [Option("task-loss-weight", MetaValue = "X", HelpText = "Weight of the labels' part of the loss, by default 1.")]
    public double? TaskLossWeight { get; set; }
}
