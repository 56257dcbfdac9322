/** Looks of the page, light and dark. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --line: #dde2e8; --good: #2e8b57; --bad: #c8452f; --warn: #d08b1d; --cool: #3b6fd4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --paper: #14181f; --line: #2c3440; --good: #4fb883; --bad: #ea6a54; --warn: #e6ab4a; --cool: #7fa6f8; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.facts, small, .key { color: var(--soft); }
.error { border-left: 4px solid var(--bad); padding-left: .75rem; }
dl { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0 1rem; }
dl div { border-top: 3px solid var(--soft); padding-top: .25rem; min-width: 7rem; }
dt { color: var(--soft); }
dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
small { font-size: .9rem; }
dl .accepted { border-color: var(--good); } dl .rejected { border-color: var(--bad); } dl .unprocessed, dl .unknown { border-color: var(--warn); } dl .skipped { border-color: var(--cool); }
.bar { display: flex; height: 10px; border-radius: 5px; overflow: hidden; background: var(--line); }
.bar i { min-width: 2px; } .bar .accepted { background: var(--good); } .bar .rejected { background: var(--bad); } .bar .unprocessed, .bar .unknown { background: var(--warn); } .bar .skipped { background: var(--cool); }
.key { font-weight: normal; font-size: .9rem; margin-left: .75rem; } .key::before { content: ""; display: inline-block; width: 1.2em; height: 3px; vertical-align: middle; margin-right: .4em; } .key.read::before { background: var(--cool); } .key.written::before { background: var(--good); }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--soft); } .grid { stroke: var(--line); } polyline { fill: none; stroke-width: 2; } polyline.read { stroke: var(--cool); } polyline.written { stroke: var(--good); }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; } summary b { font-variant-numeric: tabular-nums; }
.rows { overflow-x: auto; margin: .5rem 0; } table { border-collapse: collapse; font-size: .85rem; width: max-content; } th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left; vertical-align: top; white-space: pre-wrap; max-width: 20rem; overflow-wrap: anywhere; } th { color: var(--soft); font-weight: 600; }
pre { background: color-mix(in srgb, var(--line) 40%, transparent); padding: .6rem .8rem; overflow-x: auto; }
a { color: var(--cool); }
`
