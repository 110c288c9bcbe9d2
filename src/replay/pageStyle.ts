/** How a page of figures looks, by day and by night: plots (plot.ts) take their colours from it. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --soft: #6b7484; --line: #d9dee6; --bad: #b3261e; --good: #1a7f4b; --one: #2458c5; --two: #d0722a }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14181f; --soft: #98a2b3; --line: #2f3743; --bad: #ff8a80; --good: #5fd39a; --one: #7aa5ff; --two: #f0a062 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child, .words td, .words th { text-align: left; overflow-wrap: anywhere } th { color: var(--soft); font-weight: 500 }
.bad { color: var(--bad) } .good { color: var(--good) } .soft { color: var(--soft) } svg { width: 100%; height: auto } code { font-size: .85em }
.scroll { overflow-x: auto }`;
