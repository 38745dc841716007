namespace OnnxTimm;

/// <summary>How a report looks: light or dark as the reader's system is, and on a phone too.</summary>
static class ReportStyle
{
    public const string Css = """
        :root {
          color-scheme: light dark;
          --back: #fff; --text: #1b1f24; --dim: #5b6570; --line: #d5dae0; --panel: #f5f7f9;
          --first: #0b62b8; --second: #b4510a; --good: #1a7f37; --bad: #c62828;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --back: #14171b; --text: #e6e9ed; --dim: #9aa4af; --line: #363d46; --panel: #1d2228;
            --first: #62aef7; --second: #f0a35e; --good: #57c273; --bad: #f0736c;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
        main { max-width: 1100px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 1.5em; overflow-wrap: anywhere; }
        h2 { font-size: 1.15em; margin: 2em 0 .6em; border-bottom: 1px solid var(--line); padding-bottom: .2em; }
        p, small, dt, text { color: var(--dim); }
        dl { margin: 0; }
        dd { margin: 0; overflow-wrap: anywhere; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px; }
        .figures div { background: var(--panel); border-radius: 8px; padding: 10px 12px; }
        .figures dd { font-size: 1.3em; font-weight: 600; }
        .facts div { display: grid; grid-template-columns: minmax(110px, 220px) 1fr; gap: 10px; padding: 2px 0; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px; }
        .charts figure { margin: 0; }
        svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--dim); font-size: 11px; }
        svg .grid { stroke: var(--line); }
        svg .s0 { stroke: var(--first); fill: var(--first); }
        svg .s1 { stroke: var(--second); fill: var(--second); }
        svg polyline { fill: none !important; stroke-width: 2; }
        svg polyline.s1 { stroke-dasharray: 6 3; }
        .key { display: flex; flex-wrap: wrap; gap: 4px 14px; }
        .key .s0 { color: var(--first); } .key .s1 { color: var(--second); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 8px; text-align: left; }
        td + td { white-space: nowrap; }
        tr + tr { border-top: 1px solid var(--line); }
        .bar { width: 180px; min-width: 80px; } .bar i { display: block; height: 10px; background: var(--first); }
        .matrix td { text-align: center; min-width: 30px; padding: 3px; }
        .matrix th { font-weight: 400; white-space: nowrap; }
        .matrix th[scope=col] { vertical-align: bottom; padding: 3px; }
        .matrix th[scope=col] span { writing-mode: vertical-rl; transform: rotate(180deg); }
        .matrix .right { background: color-mix(in srgb, var(--good) calc(var(--share) * .6), transparent); }
        .matrix .wrong { background: color-mix(in srgb, var(--bad) calc(15% + var(--share) * .7), transparent); }
        .mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 12px; }
        .mistakes figure { margin: 0; min-width: 0; }
        .mistakes img { display: block; max-width: 100%; min-height: 48px; }
        .mistakes figcaption { font-size: 13px; overflow-wrap: anywhere; }
        .mistakes b { color: var(--bad); } .mistakes small { display: block; font-size: 11px; }
        pre { background: var(--panel); border-radius: 8px; padding: 10px; overflow-x: auto; white-space: pre-wrap;
          overflow-wrap: anywhere; font-size: 13px; }
        """;
}
