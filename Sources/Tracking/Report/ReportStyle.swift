extension Report {
  /// How the page looks. The colours of curves are Okabe and Ito's, lighter in the dark, which
  /// people who see few colours can tell apart.
  static let style = """

    :root {
      --paper: #fff; --ink: #1c1f23; --quiet: #5f6670; --rule: #e2e5e9; --axis: #9aa1ab;
      --shade: #f5f7f9; --mark: #e8f1f8; --plain: #b3bac4;
      --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b0508d; --c4: #1c1f23;
      --c5: #c98a00; --c6: #3b9fd6; --negative: #c4c9d0; --orange: #e69f00;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #15181c; --ink: #e6e8eb; --quiet: #9ba3ae; --rule: #2c3138; --axis: #6b737e;
        --shade: #1c2026; --mark: #1b2d3b; --plain: #59616c;
        --c0: #56b4e9; --c1: #f08a4b; --c2: #2fc49a; --c3: #dd8fbf; --c4: #e6e8eb;
        --c5: #e6b13a; --c6: #4a8fe0; --negative: #4a515b; --orange: #e69f00;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 62rem; padding: 3rem 1.25rem 4rem; background: var(--paper);
      color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
      "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
    }
    h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 650; margin: 0 0 1rem; }
    h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; margin: 0 0 .6rem; }
    h1, h2 { letter-spacing: -.01em; text-wrap: balance; }
    p { margin: 0 0 .8rem; max-width: 42rem; overflow-wrap: break-word; }
    header p { color: var(--quiet); font-size: 1.06rem; }
    section { margin-top: 2.2rem; padding-top: 1.8rem; border-top: 1px solid var(--rule); }
    figure { margin: 1.2rem 0 0; min-width: 0; }
    figcaption { font-weight: 600; font-size: .95rem; margin-bottom: .5rem; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    .charts {
      display: grid; gap: 1rem 2.5rem;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
    }
    .chart { max-width: 36rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: .42rem 1.6rem .42rem .6rem; vertical-align: baseline; }
    th { color: var(--quiet); font-weight: 600; border-bottom: 1.5px solid var(--axis); }
    td { border-bottom: 1px solid var(--rule); }
    th.number, td.number { text-align: right; padding: .42rem .6rem .42rem 1.6rem; }
    td.number { white-space: nowrap; }
    tr.highlighted td { background: var(--mark); font-weight: 600; }
    svg text { fill: var(--ink); font-size: 14px; font-variant-numeric: tabular-nums; }
    svg .tick, svg .title { fill: var(--quiet); font-size: 13px; }
    svg .label, svg .reading { stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
    svg .reading { font-weight: 600; }
    svg .middle { text-anchor: middle; }
    svg .end { text-anchor: end; }
    .grid { stroke: var(--rule); fill: none; }
    .axis { stroke: var(--axis); fill: none; }
    .bar { fill: var(--plain); }
    .bar.highlighted { fill: var(--c0); }
    .interval { stroke: var(--ink); stroke-width: 1.75; fill: none; }
    .curve { stroke: var(--c0); stroke-width: 2; fill: none; stroke-linejoin: round; }
    .look1 { stroke: var(--c1); stroke-dasharray: 8 4; }
    .look2 { stroke: var(--c2); stroke-dasharray: 2 3; }
    .look3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
    .look4 { stroke: var(--c4); stroke-dasharray: 14 4; }
    .look5 { stroke: var(--c5); stroke-dasharray: 5 5; }
    .look6 { stroke: var(--c6); stroke-dasharray: 2 6; }
    .point { stroke-dasharray: none; stroke-width: 1.75; fill: var(--paper); }
    .point.look0 { stroke: var(--c0); }
    .legend {
      display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; list-style: none; margin: .3rem 0 0;
      padding: 0; font-size: .88rem; color: var(--quiet);
    }
    .legend li { display: flex; align-items: center; gap: .5rem; }
    .legend svg { width: 28px; flex: none; }
    .film { max-width: 50rem; }
    .film figcaption { font-weight: 400; color: var(--quiet); margin: .7rem 0 0; }
    video {
      display: block; width: 100%; height: auto; max-height: 36rem; object-fit: contain;
      background: var(--shade); border-radius: 4px;
    }
    .traces { margin-top: .8rem; font-size: .85rem; font-variant-numeric: tabular-nums; }
    .trace, .time {
      display: grid; grid-template-columns: 7rem 2.6rem 1fr; gap: 0 .5rem; margin-top: .5rem;
    }
    .name { color: var(--quiet); line-height: 1.35; }
    .name output { display: block; color: var(--ink); font-weight: 600; }
    .scale {
      display: flex; flex-direction: column; justify-content: space-between; text-align: right;
      color: var(--quiet); font-size: .75rem; line-height: 1;
    }
    .plot { position: relative; background: var(--shade); touch-action: pan-y; }
    .live .trace .plot { cursor: ew-resize; }
    .plot svg { position: absolute; inset: 0; height: 100%; }
    .plot path { vector-effect: non-scaling-stroke; }
    .value .plot { height: 6rem; }
    .advantage .plot { height: 4rem; }
    .band { align-items: center; }
    .band .plot { height: 1.1rem; }
    .bars { fill: var(--c3); }
    .positive { fill: var(--c2); }
    .negative { fill: var(--negative); }
    .intervention { fill: var(--orange); }
    .cursor {
      position: absolute; top: -.15rem; bottom: -.15rem; width: 2px; margin-left: -1px;
      background: var(--ink); visibility: hidden; pointer-events: none;
    }
    .live .cursor { visibility: visible; }
    .time { margin-top: .25rem; font-size: .75rem; color: var(--quiet); }
    .time .plot { background: none; height: 1.2rem; }
    .time .plot span { position: absolute; transform: translateX(-50%); }
    .time .plot span:first-child { transform: none; }
    @media (max-width: 36rem) {
      body { padding: 1.75rem 1rem 3rem; }
      h1 { font-size: 1.55rem; }
      th, td { padding-right: .9rem; }
      th.number, td.number { padding-left: .9rem; }
      svg text { font-size: 16px; }
      svg .tick, svg .title { font-size: 15px; }
      .trace, .time { grid-template-columns: 2.3rem 1fr; }
      .trace .name { grid-column: 1 / -1; }
      .trace .name output { display: inline; margin-left: .3rem; }
      .time .name { display: none; }
    }
    @media print {
      @page { margin: 16mm; }
      html { font-size: 80%; }
      body { max-width: none; padding: 0; }
      figure, tr { break-inside: avoid; }
      h2 { break-after: avoid; }
      .charts { grid-template-columns: 1fr 1fr; }
      video { max-height: 24rem; }
      .live .cursor, .trace output { visibility: hidden; }
      * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
    }

    """
}
