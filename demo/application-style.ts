/** CSS of the demo application's pages. */
export const applicationStyle = `
.top { border-bottom: 1px solid var(--line); background: var(--surface) }
.top > div, main, .foot { width: 100%; max-width: 66rem; margin: 0 auto; padding: 0 1.25rem }
.top > div { display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 4rem }
.brand { display: flex; align-items: center; gap: .6rem; color: inherit; font-weight: 650; text-decoration: none }
.brand svg { width: 1.9rem; height: 1.9rem; flex: none }
main { display: grid; gap: 1.25rem; padding-top: 1.75rem; padding-bottom: 2rem }
.columns { display: grid; align-items: start; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)) }
section.card { display: grid; gap: 1rem; align-content: start; min-width: 0 }
.card.hero { display: flex; align-content: center; flex-wrap: wrap; align-items: center; gap: 1.25rem 1.5rem; padding: 1.75rem;
  background: linear-gradient(120deg, var(--tint), var(--surface) 70%) }
.hero .who { flex: 1 1 16rem; display: grid; gap: .3rem; min-width: 0; overflow-wrap: anywhere }
.avatar { display: grid; place-items: center; flex: none; width: 5rem; height: 5rem; border-radius: 50%; background: var(--accent);
  color: var(--on-accent); font-size: 1.75rem; font-weight: 650; letter-spacing: .02em }
.state { display: flex; align-items: center; gap: .45rem; color: var(--accent); font-weight: 600; font-size: .9rem }
.state::before { content: ""; width: .55rem; height: .55rem; border-radius: 50%; background: currentColor }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .35rem 0 0; padding: 0; list-style: none }
.chips li { padding: .15rem .65rem; border: 1px solid color-mix(in srgb, var(--accent) 30%, var(--line)); border-radius: 99px; font-size: .86rem;
  background: var(--surface) }
.hero form { flex: none }
.clock { display: grid; gap: .45rem }
.clock + .clock { padding-top: 1rem; border-top: 1px solid var(--line) }
.clock .line { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1rem }
.clock time { font-size: 1.15rem; font-weight: 650; font-variant-numeric: tabular-nums }
progress { appearance: none; width: 100%; height: .4rem; border: 0; border-radius: 99px; overflow: hidden; background: var(--line); color: var(--accent) }
progress::-webkit-progress-bar { background: var(--line) }
progress::-webkit-progress-value { background: var(--accent); border-radius: 99px; transition: inline-size 1s linear }
progress::-moz-progress-bar { background: var(--accent) }
.actions { display: flex; flex-wrap: wrap; gap: .6rem }
.scroll { overflow-x: auto; margin: 0 -.35rem }
table { width: 100%; border-collapse: collapse; font-size: .93rem }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { padding: .55rem .35rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
tr:last-child > * { border-bottom: 0 }
thead th { color: var(--muted); font-size: .8rem; font-weight: 600; letter-spacing: .02em }
tbody th { width: 14rem; font-weight: 500; white-space: nowrap }
td { overflow-wrap: anywhere }
.empty { color: var(--muted); font-style: italic }
pre { margin: 0; padding: 1rem; border-radius: 10px; background: var(--soft); overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
summary { cursor: pointer; font-weight: 650 }
details[open] summary { margin-bottom: 1rem }
.foot { padding-bottom: 2.5rem; text-align: center }
@media (max-width: 34rem) { .hero form, .hero .button, .actions .button { width: 100% } .tag, tbody td.tag { display: none }
  thead { display: none } tbody th, tbody td { display: block; width: auto; padding: .1rem .35rem } tbody th { padding-top: .6rem; border: 0; color: var(--muted) }
  tbody td { padding-bottom: .6rem } }
`;
