/**
 * The page's style sheet. Colours are of one palette per scheme, and have the contrast that WCAG AA asks for; in print the
 * light one counts, and what is folded is shown.
 */
export const style = `:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--good:#1a7f37;--bad:#b42318;--wait:#8a5a00;--link:#0550ae;--wave:#57606a;--rollout:#3b73b9;--pending:#9a8700;--starting:#b0620e;--unready:#8250df;--ready:#1a7f37}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9da7b3;--line:#30363d;--panel:#161b22;--good:#4ac26b;--bad:#ff8a80;--wait:#e3b341;--link:#79c0ff;--wave:#9da7b3;--rollout:#6ea8fe;--pending:#d4c05a;--starting:#f0a04b;--unready:#c297ff;--ready:#4ac26b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem 1.25rem 3rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}h1 small{font-size:1rem;font-weight:400;color:var(--soft);margin-left:.75rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.2rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1rem 0 .3rem}
small{color:var(--soft)}code,.line,td,th[scope=row],.name,dd{unicode-bidi:isolate}
code,.line{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap}
a{color:var(--link)}:focus-visible{outline:2px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0}
.outcome,.card{border:1px solid var(--line);border-left:5px solid var(--soft);border-radius:4px;background:var(--panel);padding:.5rem .9rem;margin:.6rem 0}
.outcome p,.card p{margin:.2rem 0}.outcome strong{text-transform:capitalize;margin-right:.4rem}
.good{border-left-color:var(--good)}.good strong{color:var(--good)}
.bad,.error{border-left-color:var(--bad)}.bad strong,.error .tag{color:var(--bad)}
.waiting,.warning{border-left-color:var(--wait)}.waiting strong,.warning .tag{color:var(--wait)}
.card h3{margin:.2rem 0}.card dl{margin:.3rem 0}
dl{display:grid;grid-template-columns:minmax(4rem,max-content) 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--soft)}dd{margin:0}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:14px}caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);font-weight:400;white-space:pre-wrap}
thead th{color:var(--soft);white-space:nowrap}time{white-space:nowrap}
.check.passed,.op.create{color:var(--good)}.check.failed,.op.delete{color:var(--bad)}.check.warned,.op.update{color:var(--wait)}
ul.plan{list-style:none;padding:0;margin:.3rem 0}.op{font-family:ui-monospace,monospace;display:inline-block;width:1ch}
summary{cursor:pointer}
svg{display:block;width:100%;min-width:46rem;font:11px ui-monospace,monospace}svg text{fill:var(--fg)}
svg .w{text-anchor:end;fill:var(--soft)}svg .t{text-anchor:middle;fill:var(--soft)}.tick{stroke:var(--line)}g.wave text{font-weight:700}g.pod text{fill:var(--soft)}
rect.wave{fill:var(--wave)}rect.rollout{fill:var(--rollout)}rect.failed{fill:var(--bad)}rect.pending{fill:var(--pending)}rect.starting{fill:var(--starting)}rect.unready{fill:var(--unready)}rect.ready{fill:var(--ready)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;font-size:13px}
.legend li::before{content:"";display:inline-block;width:1.4em;height:.7em;margin-right:.4em;background:var(--wave)}
.k-rollout::before{background:var(--rollout)!important}.k-failed::before{background:var(--bad)!important}.k-pending::before{background:var(--pending)!important}.k-starting::before{background:var(--starting)!important}.k-unready::before{background:var(--unready)!important}.k-ready::before{background:var(--ready)!important}
@media print{body{max-width:none;padding:0;font-size:11px}h1{font-size:18px}h2{font-size:14px}h3{font-size:12px}table{font-size:10px}code,.line{font-size:10px}nav{display:none}details::details-content{content-visibility:visible;block-size:auto}.scroll{overflow:visible}svg{min-width:0}.card,tr,li{break-inside:avoid}h2,h3{break-after:avoid}rect,.legend li::before{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
