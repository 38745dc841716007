namespace OnnxTimm.Cli;

static class Program
{
    static int Main(string[] args) => args.Length == 0 ? 1 : 0;
}
