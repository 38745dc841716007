namespace OnnxTimm.ZooTools;

/// <summary>What all pictures share: a frame that is readable on a light and on a dark page.</summary>
static class Pictures
{
    const string Style = """
        .page{fill:#fff;stroke:#d0d7de}
        text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
        .head{font-size:15px;font-weight:600}
        .name{font-weight:600}
        .mid,.sign{text-anchor:middle}
        .end{text-anchor:end}
        .sign{font-size:15px}
        .width{text-anchor:end;fill:#57606a}
        .note,.tick{font-size:11px;fill:#57606a}
        .edge{fill:none;stroke:#8c959f;stroke-width:1.4}
        .tip{fill:#8c959f}
        rect,circle{stroke-width:1.2}
        .input{fill:#f6f8fa;stroke:#d0d7de}
        .conv{fill:#ddf4ff;stroke:#54aeff}
        .linear{fill:#fbefff;stroke:#c297ff}
        .attention{fill:#fff1e5;stroke:#fb8f44}
        .pool{fill:#dafbe1;stroke:#4ac26b}
        .norm,.act,.other{fill:#f6f8fa;stroke:#afb8c1}
        .merge{fill:#fff8c5;stroke:#d4a72c}
        .grid{stroke:#d8dee4}
        .dot{fill:#54aeff;fill-opacity:.35}
        .ring{fill:none;stroke:#afb8c1}
        .best{fill:#cf222e}
        .front{fill:none;stroke:#cf222e;stroke-width:1.4}
        @media (prefers-color-scheme:dark){
        .page{fill:#0d1117;stroke:#30363d}
        text{fill:#e6edf3}
        .width,.note,.tick{fill:#9198a1}
        .edge{stroke:#6e7681}
        .tip{fill:#6e7681}
        .input{fill:#161b22;stroke:#30363d}
        .conv{fill:#0c2d6b;stroke:#388bfd}
        .linear{fill:#3c1e70;stroke:#a371f7}
        .attention{fill:#5a1e02;stroke:#f0883e}
        .pool{fill:#033a16;stroke:#3fb950}
        .norm,.act,.other{fill:#21262d;stroke:#6e7681}
        .merge{fill:#341a00;stroke:#bb8009}
        .grid{stroke:#21262d}
        .dot{fill:#58a6ff;fill-opacity:.4}
        .ring{stroke:#484f58}
        .best{fill:#ff7b72}
        .front{stroke:#ff7b72}
        }
        """;

    /// <summary>A picture with a title for those who do not see it.</summary>
    public static string Svg(int width, int height, string title, string content) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
        + $"viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{title}</title>\n<style>\n{Style}\n</style>\n"
        + "<defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
        + "orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n"
        + $"<rect class=\"page\" x=\".5\" y=\".5\" width=\"{width - 1}\" height=\"{height - 1}\" rx=\"8\"/>\n"
        + $"{content}</svg>\n";
}
