/**
 * The style sheet of every report. No colour carries a meaning alone: each has a word, a mark, a place or
 * a pattern beside it. Contrast of text is at least 4.5 to 1 in light and in dark.
 */
export const style = `
:root{color-scheme:light dark;--ground:#fbfaf8;--card:#fff;--ink:#1c1b1a;--soft:#57534e;--line:#ddd8d0;--bad:#a3201d;--bad-soft:#fdecea;--good:#1b6347;--good-soft:#e6f4ed;--doubt:#7a4b00;--doubt-soft:#fdf1dc;--link:#1d4f91;--early:#b9c4d0;--mono:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
@media (prefers-color-scheme:dark){:root{--ground:#161514;--card:#201f1d;--ink:#eeebe6;--soft:#b5afa6;--line:#3b3834;--bad:#ff8f85;--bad-soft:#3a1e1c;--good:#7dd3ab;--good-soft:#16302a;--doubt:#f2bd62;--doubt-soft:#35280f;--link:#9cc3ff;--early:#56616d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main,header,footer{max-width:74rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:1.4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.75rem 0 .5rem;line-height:1.3}
h3{font-size:1rem;margin:0 0 .15rem}
p{margin:.35rem 0;max-width:75ch}
a{color:var(--link)}
small,.soft{color:var(--soft);font-size:.875rem}
code,.digest{font-family:var(--mono);font-size:.85em;overflow-wrap:anywhere}
pre{font-family:var(--mono);font-size:.82rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.6rem 0}
.name{overflow-wrap:anywhere;unicode-bidi:isolate}
.lede{color:var(--soft);margin:0 0 1rem;overflow-wrap:anywhere}
.notice{border:2px dashed var(--doubt);border-radius:.6rem;padding:.35rem .9rem;margin:.5rem 0;font-size:.92rem;background:var(--doubt-soft);max-width:none}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.9rem;margin:1rem 0 0;padding:0;list-style:none}
.answers li{background:var(--card);border:1px solid var(--line);border-left:.4rem solid var(--line);border-radius:.6rem;padding:.8rem 1rem .9rem;overflow-wrap:anywhere}
.answers>.bad{border-left-color:var(--bad)}.answers>.good{border-left-color:var(--good)}.answers>.unknown{border-left-color:var(--doubt);border-left-style:double}
.answers h2{font-size:.95rem;margin:0 0 .3rem;display:flex;justify-content:space-between;gap:.5rem;color:var(--soft);font-weight:600}
.answers p{margin:.2rem 0;font-size:.95rem;line-height:1.42}
.answers p.first{font-weight:600;font-size:1.02rem;line-height:1.4}
.tone{white-space:nowrap;font-size:.8rem;font-weight:700;border-radius:1rem;padding:.05rem .6rem;align-self:start}
.tone.bad,.cell.bad{color:var(--bad);background:var(--bad-soft)}.tone.good,.cell.good{color:var(--good);background:var(--good-soft)}.tone.unknown,.cell.unknown{color:var(--doubt);background:var(--doubt-soft)}
.chart{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem 1rem;margin:.6rem 0}
.chart ul{list-style:none;margin:0;padding:0}
.chart li{padding:.3rem 0 .1rem;border-top:1px solid var(--line);break-inside:avoid}
.chart li:first-child{border-top:0}
.chart li p{max-width:none;margin:0;overflow-wrap:anywhere}
.fix{display:flex;flex-wrap:wrap;column-gap:.75rem;align-items:baseline}
.fix b{overflow-wrap:anywhere}
svg{display:block;overflow:visible}
.patterns{position:absolute}
.grid line{stroke:var(--line)}
.axis text{font-size:12px;fill:var(--soft)}
.bar.early{fill:var(--early)}
.bar.late,.bar.fails{fill:url(#hatch)}
.bar.works{fill:var(--good)}
.bar.not-known{fill:url(#dots);stroke:var(--doubt)}
.bar.no-evidence{fill:none;stroke:var(--doubt);stroke-dasharray:4 3}
.over-stale{fill:url(#dots);stroke:var(--doubt)}
.hatch-ground{fill:var(--bad)}.hatch-line{stroke:var(--card);stroke-opacity:.35;stroke-width:1.4}
.dots-ground{fill:var(--doubt-soft)}.dots-dot{fill:var(--doubt)}
.breach{stroke:var(--ink);stroke-width:2}
.mark{font-size:12px;font-weight:600;fill:var(--ink)}.mark.done{paint-order:stroke;stroke:var(--card);stroke-width:4px}
.date{white-space:nowrap}
.fleet td{white-space:nowrap}.fleet tbody th{min-width:13rem}.fleet td:nth-of-type(2){white-space:normal;min-width:9rem}
.review{fill:var(--good);stroke:var(--card)}
.base{stroke:var(--soft)}.goal{stroke:var(--soft);stroke-dasharray:2 4}.area{fill:var(--good);fill-opacity:.85}.due{fill:none;stroke:var(--ink);stroke-width:2;vector-effect:non-scaling-stroke;stroke-dasharray:7 4}.today{stroke:var(--doubt);stroke-width:2}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:.3rem 0 .6rem;padding:0;list-style:none;font-size:.875rem;color:var(--soft)}
.legend li{border:0;padding:0;display:flex;gap:.45rem;align-items:center}
.legend svg{flex:none}
.lanes{display:grid;grid-template-columns:7.5rem 1fr;gap:0 .6rem;align-items:start}
.lanes .lane-words{font-size:.8rem;line-height:16px;color:var(--soft);text-align:right;padding-top:1px}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--card);margin:.6rem 0}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;padding:.6rem .8rem .2rem;color:var(--soft);font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.84rem}
tbody th{font-weight:600;overflow-wrap:anywhere;min-width:9.5rem;max-width:24rem}
td{overflow-wrap:anywhere}
.dense th,.dense td{white-space:nowrap;padding-top:.15rem;padding-bottom:.15rem}
.dense table{font-size:.85rem}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
td.date{white-space:nowrap;font-variant-numeric:tabular-nums}
.cell{display:inline-block;border-radius:.35rem;padding:.05rem .45rem;font-weight:600;white-space:nowrap}
.cell.closed{color:var(--soft);background:none;padding-left:0}
details{margin:.5rem 0}
summary{cursor:pointer;font-weight:600;padding:.25rem 0}
.finding{border-top:1px solid var(--line);padding:.7rem 0;break-inside:avoid;overflow-wrap:anywhere}
.finding:first-of-type{border-top:0}
.finding dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .9rem;margin:.4rem 0 0;font-size:.9rem}
.finding dt{color:var(--soft)}.finding dd{margin:0;overflow-wrap:anywhere}
.states{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:.6rem 0;padding:0;list-style:none}
.states b{font-size:1.5rem;display:block;line-height:1.2}
footer{padding-top:2rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
@media (max-width:40rem){body{font-size:15px}main,header,footer{padding-left:1rem;padding-right:1rem}header{padding-top:1.2rem}h1{font-size:1.5rem}.chart{padding:.6rem .7rem}.lanes{grid-template-columns:1fr}.lanes .lane-words{text-align:left;line-height:1.3}.lanes .lane-words br{display:none}.axis .every-second{display:none}.finding dl{grid-template-columns:1fr}.finding dt{margin-top:.25rem}}
@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--bad:#8c1512;--bad-soft:#fff;--good:#14513a;--good-soft:#fff;--doubt:#6b4200;--doubt-soft:#fff;--link:#000;--early:#b9c4d0;color-scheme:light}body{font-size:10pt}main,header,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}.answers{grid-template-columns:1fr 1fr 1fr;gap:.4rem}.answers li{padding:.4rem .55rem}.answers p,.answers p.first{font-size:8.5pt}.dense td,.dense th{padding:.6pt 4pt}.dense table{font-size:7pt}.answers li,.scroll{break-inside:avoid}.scroll{overflow:visible;border:0}table{font-size:7.5pt}th,td{padding:2pt 3pt}tbody th,.fleet tbody th{min-width:7em;max-width:none}.fleet td:nth-of-type(2){min-width:0}thead th,td,.fleet td,.cell{overflow-wrap:anywhere;white-space:normal}thead th,td small,td .soft,thead .soft{font-size:6.5pt}.cell{padding:0 1pt}.scroll.long{break-inside:auto}tr{break-inside:avoid}thead{display:table-header-group}h2,h3{break-after:avoid}details::details-content{content-visibility:visible;display:block}details:not([open])>*{display:block}.bar,.cell,.tone,.hatch-ground,.dots-ground,.area{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{text-decoration:none}}
@page{size:A4;margin:14mm 14mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#444}}
`.trim();
