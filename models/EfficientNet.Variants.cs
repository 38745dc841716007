namespace OnnxTimm.Models;

// The tables of the papers.
public static partial class EfficientNet
{
    static string[] MnasB1 =>
    [
        "ds_r1_k3_s1_c16_noskip", "ir_r3_k3_s2_e3_c24", "ir_r3_k5_s2_e3_c40", "ir_r3_k5_s2_e6_c80",
        "ir_r2_k3_s1_e6_c96", "ir_r4_k5_s2_e6_c192", "ir_r1_k3_s1_e6_c320_noskip",
    ];

    static string[] MnasA1 =>
    [
        "ds_r1_k3_s1_e1_c16_noskip", "ir_r2_k3_s2_e6_c24", "ir_r3_k5_s2_e3_c40_se0.25", "ir_r4_k3_s2_e6_c80",
        "ir_r2_k3_s1_e6_c112_se0.25", "ir_r3_k5_s2_e6_c160_se0.25", "ir_r1_k3_s1_e6_c320",
    ];

    static string[] MnasSmall =>
    [
        "ds_r1_k3_s1_c8", "ir_r1_k3_s2_e3_c16", "ir_r2_k3_s2_e6_c16", "ir_r4_k5_s2_e6_c32_se0.25",
        "ir_r3_k3_s1_e6_c32_se0.25", "ir_r3_k5_s2_e6_c88_se0.25", "ir_r1_k3_s1_e6_c144",
    ];

    static string[] MobileV1Stages =>
        ["dsa_r1_k3_s1_c64", "dsa_r2_k3_s2_c128", "dsa_r2_k3_s2_c256", "dsa_r6_k3_s2_c512", "dsa_r2_k3_s2_c1024"];

    static string[] MobileV2Stages =>
    [
        "ds_r1_k3_s1_c16", "ir_r2_k3_s2_e6_c24", "ir_r3_k3_s2_e6_c32", "ir_r4_k3_s2_e6_c64",
        "ir_r3_k3_s1_e6_c96", "ir_r3_k3_s2_e6_c160", "ir_r1_k3_s1_e6_c320",
    ];

    static string[] FbNetC =>
    [
        "ir_r1_k3_s1_e1_c16",
        "ir_r1_k3_s2_e6_c24 ir_r2_k3_s1_e1_c24",
        "ir_r1_k5_s2_e6_c32 ir_r1_k5_s1_e3_c32 ir_r1_k5_s1_e6_c32 ir_r1_k3_s1_e6_c32",
        "ir_r1_k5_s2_e6_c64 ir_r1_k5_s1_e3_c64 ir_r2_k5_s1_e6_c64",
        "ir_r3_k5_s1_e6_c112 ir_r1_k5_s1_e3_c112",
        "ir_r4_k5_s2_e6_c184",
        "ir_r1_k3_s1_e6_c352",
    ];

    static string[] SpNas =>
    [
        "ds_r1_k3_s1_c16_noskip", "ir_r3_k3_s2_e3_c24", "ir_r1_k5_s2_e6_c40 ir_r3_k3_s1_e3_c40",
        "ir_r1_k5_s2_e6_c80 ir_r3_k3_s1_e3_c80", "ir_r1_k5_s1_e6_c96 ir_r3_k5_s1_e3_c96",
        "ir_r4_k5_s2_e6_c192", "ir_r1_k3_s1_e6_c320_noskip",
    ];

    static string[] BStages =>
    [
        "ds_r1_k3_s1_e1_c16_se0.25", "ir_r2_k3_s2_e6_c24_se0.25", "ir_r2_k5_s2_e6_c40_se0.25",
        "ir_r3_k3_s2_e6_c80_se0.25", "ir_r3_k5_s1_e6_c112_se0.25", "ir_r4_k5_s2_e6_c192_se0.25",
        "ir_r1_k3_s1_e6_c320_se0.25",
    ];

    static string[] Lite => Array.ConvertAll(BStages, stage => stage.Replace("_se0.25", ""));

    static string[] EdgeStages =>
    [
        "er_r1_k3_s1_e4_c24_fc24_noskip", "er_r2_k3_s2_e8_c32", "er_r4_k3_s2_e8_c48", "ir_r5_k5_s2_e8_c96",
        "ir_r4_k5_s1_e8_c144", "ir_r2_k5_s2_e8_c192",
    ];

    static string[] V2B =>
    [
        "cn_r1_k3_s1_e1_c16_skip", "er_r2_k3_s2_e4_c32", "er_r2_k3_s2_e4_c48", "ir_r3_k3_s2_e4_c96_se0.25",
        "ir_r5_k3_s1_e6_c112_se0.25", "ir_r8_k3_s2_e6_c192_se0.25",
    ];

    static string[] V2S =>
    [
        "cn_r2_k3_s1_e1_c24_skip", "er_r4_k3_s2_e4_c48", "er_r4_k3_s2_e4_c64", "ir_r6_k3_s2_e4_c128_se0.25",
        "ir_r9_k3_s1_e6_c160_se0.25", "ir_r15_k3_s2_e6_c256_se0.25",
    ];

    /// <summary>As it was read from the paper's figure, before the official code.</summary>
    static string[] V2Rw => ["er_r2_k3_s1_e1_c24", .. V2S[1..^1], "ir_r15_k3_s2_e6_c272_se0.25"];

    static string[] V2M =>
    [
        "cn_r3_k3_s1_e1_c24_skip", "er_r5_k3_s2_e4_c48", "er_r5_k3_s2_e4_c80", "ir_r7_k3_s2_e4_c160_se0.25",
        "ir_r14_k3_s1_e6_c176_se0.25", "ir_r18_k3_s2_e6_c304_se0.25", "ir_r5_k3_s1_e6_c512_se0.25",
    ];

    static string[] V2L =>
    [
        "cn_r4_k3_s1_e1_c32_skip", "er_r7_k3_s2_e4_c64", "er_r7_k3_s2_e4_c96", "ir_r10_k3_s2_e4_c192_se0.25",
        "ir_r19_k3_s1_e6_c224_se0.25", "ir_r25_k3_s2_e6_c384_se0.25", "ir_r7_k3_s1_e6_c640_se0.25",
    ];

    static string[] V2XL =>
    [
        "cn_r4_k3_s1_e1_c32_skip", "er_r8_k3_s2_e4_c64", "er_r8_k3_s2_e4_c96", "ir_r16_k3_s2_e4_c192_se0.25",
        "ir_r24_k3_s1_e6_c256_se0.25", "ir_r32_k3_s2_e6_c512_se0.25", "ir_r8_k3_s1_e6_c640_se0.25",
    ];

    static string[] MixS =>
    [
        "ds_r1_k3_s1_e1_c16",
        "ir_r1_k3_a1.1_p1.1_s2_e6_c24 ir_r1_k3_a1.1_p1.1_s1_e3_c24",
        "ir_r1_k3.5.7_s2_e6_c40_se0.5_nsw ir_r3_k3.5_a1.1_p1.1_s1_e6_c40_se0.5_nsw",
        "ir_r1_k3.5.7_p1.1_s2_e6_c80_se0.25_nsw ir_r2_k3.5_p1.1_s1_e6_c80_se0.25_nsw",
        "ir_r1_k3.5.7_a1.1_p1.1_s1_e6_c120_se0.5_nsw ir_r2_k3.5.7.9_a1.1_p1.1_s1_e3_c120_se0.5_nsw",
        "ir_r1_k3.5.7.9.11_s2_e6_c200_se0.5_nsw ir_r2_k3.5.7.9_p1.1_s1_e6_c200_se0.5_nsw",
    ];

    static string[] MixM =>
    [
        "ds_r1_k3_s1_e1_c24",
        "ir_r1_k3.5.7_a1.1_p1.1_s2_e6_c32 ir_r1_k3_a1.1_p1.1_s1_e3_c32",
        "ir_r1_k3.5.7.9_s2_e6_c40_se0.5_nsw ir_r3_k3.5_a1.1_p1.1_s1_e6_c40_se0.5_nsw",
        "ir_r1_k3.5.7_s2_e6_c80_se0.25_nsw ir_r3_k3.5.7.9_a1.1_p1.1_s1_e6_c80_se0.25_nsw",
        "ir_r1_k3_s1_e6_c120_se0.5_nsw ir_r3_k3.5.7.9_a1.1_p1.1_s1_e3_c120_se0.5_nsw",
        "ir_r1_k3.5.7.9_s2_e6_c200_se0.5_nsw ir_r3_k3.5.7.9_p1.1_s1_e6_c200_se0.5_nsw",
    ];

    static string[] EdgeTpu =>
    [
        "cn_r1_k1_s1_c16", "er_r1_k3_s2_e8_c32 er_r3_k3_s1_e4_c32", "er_r1_k3_s2_e8_c48 er_r3_k3_s1_e4_c48",
        "ir_r1_k3_s2_e8_c96 ir_r3_k3_s1_e4_c96", "ir_r1_k3_s1_e8_c96_noskip ir_r3_k3_s1_e4_c96",
        "ir_r1_k5_s2_e8_c160 ir_r3_k5_s1_e4_c160", "ir_r1_k3_s1_e8_c192",
    ];

    static string[] EdgeTpuV2Stages(int[] c, int group) =>
    [
        $"cn_r1_k1_s1_c{c[0]}",
        $"er_r1_k3_s2_e8_c{c[1]} er_r1_k3_s1_e4_gs{group}_c{c[1]}",
        $"er_r1_k3_s2_e8_c{c[2]} er_r1_k3_s1_e4_gs{group}_c{c[2]} er_r1_k3_s1_e4_c{c[2]} "
            + $"er_r1_k3_s1_e4_gs{group}_c{c[2]}",
        $"er_r1_k3_s2_e8_c{c[3]} ir_r3_k3_s1_e4_c{c[3]}",
        $"ir_r1_k3_s1_e8_c{c[4]} ir_r3_k3_s1_e4_c{c[4]}",
        $"ir_r1_k3_s2_e8_c{c[5]} ir_r3_k3_s1_e4_c{c[5]}",
        $"ir_r1_k3_s1_e8_c{c[6]}",
    ];

    static string[] TestStages =>
    [
        "cn_r1_k3_s1_e1_c16_skip", "er_r1_k3_s2_e4_c24", "er_r1_k3_s2_e4_c32", "ir_r1_k3_s2_e4_c48_se0.25",
        "ir_r1_k3_s2_e4_c64_se0.25",
    ];

    /// <summary>Experts in the last three stages.</summary>
    static string[] CondConv(int experts) =>
        [.. BStages[..4], .. BStages[4..].Select(stage => $"{stage}_cc{experts}")];

    /// <summary>Space to depth at first, and fused blocks where maps are large; the wider H expands less.</summary>
    static string[] X(int expand) =>
    [
        $"{BStages[0]}_d1", $"er_r2_k3_s2_e{expand}_c24_se0.25_nre", $"er_r2_k5_s2_e{expand}_c40_se0.25_nre",
        $"ir_r3_k3_s2_e{expand}_c80_se0.25", .. BStages[4..],
    ];
}
