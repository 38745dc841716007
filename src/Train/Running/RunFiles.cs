using System.Text;

namespace OnnxTimm.Train;

/// <summary>The files of a run for people and their tools: results as a table and as curves.</summary>
static class RunFiles
{
    public static void Write(string folder, IReadOnlyList<EpochResult> results)
    {
        WriteBeside.Write(Path.Combine(folder, "summary.csv"), Encoding.UTF8.GetBytes(Summary.Table(results)));
        WriteBeside.Write(Path.Combine(folder, "curves.png"), Curves.Draw(results));
    }
}
