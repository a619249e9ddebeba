// Draws the charts of the page. Runs in a browser; `uPlot` and `charts` come from the scripts before it.
/* global uPlot, charts */
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** Shades the trouble; Carom's, since each run breaks at its own moment. */
  const shade = (chart) => (plot) => {
    const { left, top, width, height } = plot.bbox;
    const at = (second) => Math.min(left + width, Math.max(left, plot.valToPos(second, 'x', true)));
    const [from, to] = [at(chart.brokenAt ?? 0), at(chart.wellAt ?? Number.POSITIVE_INFINITY)];
    plot.ctx.fillStyle = colour('--trouble');
    plot.ctx.fillRect(from, top, to - from, height);
  };

  function draw(chart) {
    const host = document.getElementById(chart.id);
    host.replaceChildren();
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
    const series = chart.strategies.map(({ name, dash }) => ({
      label: `${name}: answered per second`,
      stroke: colour(`--${name}`),
      width: 2,
      dash,
      points: { show: false },
    }));
    const options = {
      width: Math.floor(host.clientWidth),
      height: 200,
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(10, max * 1.08)] } },
      axes: [
        { ...axis, values: (_, splits) => splits.map((second) => `${second} s`) },
        { ...axis, size: 60 },
      ],
      series: [{ label: 'time' }, ...series],
      hooks: { drawClear: [shade(chart)] },
    };
    new uPlot(options, [chart.seconds, ...chart.strategies.map(({ rates }) => rates)], host);
  }

  const all = () => charts.forEach(draw);
  all();
  let waiting;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(all, 100);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', all);
})();
