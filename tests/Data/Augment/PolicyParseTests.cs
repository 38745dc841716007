using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Texts of policies become timm's objects, or are refused where timm refuses them.</summary>
[TestClass]
public sealed class PolicyParseTests
{
    /// <summary>Words that texts of policies are made of, and what people put there by mistake.</summary>
    static readonly string[] Words =
    [
        "rand", "augmix", "v0", "v0r", "original", "originalr", "3a", "-", "-", "-", "-", "m", "n", "p", "mstd", "mmax",
        "inc", "w", "d", "a", "b", "t", "tweights", "t3a", "t3aw", "0", "1", "9", "10", "0.5", "1.5", "101", ".", "e5",
        "99999999999", "\n", "٣", "é", " ", "_", "+", "∞", "nan", "\ud800", "RAND", "randx", "", "{0}", "%", "=",
    ];

    static readonly PolicySettings Settings = PolicySettings.Of(new(), [Interpolation.Bilinear]);

    public static IEnumerable<object[]> Rows => Golden.Json("images", "aa_parse.json.gz").Get("rows").EnumerateArray()
        .Where(r => r.TryGetProperty("policy", out _)).Select(r => new object[] { r.Text("policy"), r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void BecomesTimmsObjectOrARefusal(string text, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        if (row.TryGetProperty("error", out _))
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Parse(text)).Message, text);
        else
            Assert.AreEqual(PolicyText.Of(row.Get("parsed")), PolicyText.Of(Parse(text)));
    }

    [TestMethod]
    [DataRow("rand-tweights-n16", "16 of 15")]
    [DataRow("augmix-w0", "width")]
    [DataRow("augmix-a0", "alpha")]
    [DataRow("randx-m9", "rand?")]
    [DataRow("augmixx", "augmix?")]
    [DataRow("orignal", "\"original\"?")]
    [DataRow("rand-m99999999999", "whole number")]
    public void WhatCouldNotBeDoneIsRefused(string text, string part) =>
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Parse(text)).Message, part);

    [TestMethod]
    public void FiltersThatPoliciesLackAreRefused() => StringAssert.Contains(Assert.ThrowsExactly<UserException>(
        () => PolicySettings.Of(new(), [Interpolation.Lanczos])).Message, "lanczos");

    [TestMethod]
    public void AnyTextIsAPolicyOrOneLine() => Fuzz(2000);

    [TestMethod]
    [TestCategory("all")]
    public void AnyOfManyTextsIsAPolicyOrOneLine() => Fuzz(100_000);

    static void Fuzz(int count)
    {
        var random = new CounterRandom(23);
        var policies = 0;
        for (var i = 0; i < count; i++)
        {
            random.At(0, i);
            var length = random.Integer(1, 9);
            var text = string.Concat(
                Enumerable.Range(0, length).Select(_ => Words[random.Integer(0, Words.Length - 1)]));
            try
            {
                Assert.IsNotNull(Parse(text));
                policies++;
            }
            catch (UserException e)
            {
                Assert.IsFalse(e.Message.Any(c => char.IsControl(c) || char.IsSurrogate(c)), e.Message);
            }
        }
        Assert.IsGreaterThan(count / 100, policies);
    }

    static IAugmentation Parse(string text) => AugmentPolicy.Parse(text, Settings);
}
