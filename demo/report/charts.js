// Draws the charts of the page. Runs in a browser; `uPlot` and `runs` come from the scripts before it.
/* global uPlot, runs */
(() => {
  const gutter = 88; // Names of the lanes, and the numbers of the axis above them.
  const labelHeight = 20;
  const right = 14;
  const laneHeight = 18;
  const chartHeight = 180;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

  /** Counts per stretch, as operations per second over stretches that are long enough to be calm. */
  function perSecond({ stretch, succeeded, errors, runMs }) {
    const grouped = Math.max(2, Math.ceil(succeeded.length / 160));
    const length = stretch * grouped;
    const columns = [[], [], []];
    for (let first = 0; first < succeeded.length; first += grouped) {
      const sum = (counts) => counts.slice(first, first + grouped).reduce((a, b) => a + b, 0);
      // The last stretch may be cut off by the end of the run.
      const seconds = (Math.min(first * stretch + length, runMs) - first * stretch) / 1000;
      columns[0].push(first * (stretch / 1000) + seconds / 2);
      columns[1].push(Math.round(sum(succeeded) / seconds));
      columns[2].push(Math.round(sum(errors) / seconds));
    }
    return columns;
  }

  function chart(host, legend, run, data, highest, width) {
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    };
    const options = {
      width,
      height: chartHeight,
      padding: [8, right, 0, 0],
      scales: { x: { time: false, range: [0, run.runMs / 1000] }, y: { range: [0, highest] } },
      axes: [
        { ...axis, size: 32, values: (_, splits) => splits.map((second) => `${second} s`) },
        { ...axis, size: gutter - labelHeight, label: 'per second', labelSize: labelHeight },
      ],
      series: [
        { label: 'time', value: (_, second) => (second == null ? '–' : `${second.toFixed(1)} s`) },
        {
          label: 'succeeded per second',
          stroke: colour('--done'),
          fill: colour('--done-fill'),
          width: 2,
          points: { show: false },
        },
        {
          label: 'errors per second',
          stroke: colour('--errors'),
          width: 2,
          dash: [6, 4],
          points: { show: false },
        },
      ],
      legend: { mount: (_, element) => legend.append(element) },
      cursor: { sync: { key: 'runs' }, y: false },
    };
    new uPlot(options, data, host);
  }

  const dot = (full, title, x, y) =>
    `<circle class="fault${full ? ' full' : ''}" cx="${x}" cy="${y + 9}" r="3.6"><title>${title}</title></circle>`;

  const shapes = {
    fault: ({ sign, title }, x, y) =>
      '○●'.includes(sign)
        ? dot(sign === '●', title, x, y)
        : `<text class="fault" x="${x}" y="${y + 13}" text-anchor="middle"><title>${title}</title>${sign}</text>`,
    double: ({ title }, x, y) =>
      `<g class="double"><title>${title}</title><rect x="${x - 3.5}" y="${y + 3}" width="2.6" height="12"/>` +
      `<rect x="${x + 0.9}" y="${y + 3}" width="2.6" height="12"/></g>`,
    away: ({ sign, title }, x, y, width) =>
      `<g><title>${title}</title><rect class="away" x="${x}" y="${y + 2}" width="${Math.max(12, width)}" height="14" rx="2"/>` +
      `<text class="away" x="${x + Math.max(12, width) / 2}" y="${y + 13}" text-anchor="middle">${sign}</text></g>`,
    circuit: ({ sign, title }, x, y, width) =>
      sign === 'O'
        ? `<rect class="circuit open" x="${x}" y="${y + 2}" width="${Math.max(2, width)}" height="14"><title>${title}</title></rect>`
        : `<rect class="circuit" x="${x}" y="${y + 6}" width="${Math.max(2, width)}" height="6"><title>${title}</title></rect>`,
  };

  function lanes(host, run, width) {
    const scale = (width - gutter - right) / run.runMs;
    const rows = run.lanes.map(({ name, kind, marks }, index) => {
      const y = index * laneHeight;
      const shown = marks.map(({ from, until, sign, title }) => {
        const start = gutter + Math.min(from, run.runMs) * scale;
        const end = gutter + Math.min(until, run.runMs) * scale;
        return shapes[kind]({ sign: escaped(sign), title: escaped(title) }, start, y, end - start);
      });
      return (
        `<line class="rule" x1="${gutter}" x2="${width - right}" y1="${y + laneHeight - 0.5}" y2="${y + laneHeight - 0.5}"/>` +
        `<text class="name" x="${gutter - 8}" y="${y + 13}" text-anchor="end">${escaped(name)}</text>${shown.join('')}`
      );
    });
    const height = run.lanes.length * laneHeight;
    const element = document.createElement('div');
    element.innerHTML = `<svg class="lanes" role="img" aria-label="What went wrong, and when" viewBox="0 0 ${width} ${height}" height="${height}">${rows.join('')}</svg>`;
    host.append(element);
  }

  function draw() {
    const all = runs.map(perSecond);
    const highest = Math.max(10, ...all.flatMap(([, done, errors]) => [...done, ...errors])) * 1.08;
    runs.forEach((run, index) => {
      const host = document.getElementById(`chart-${run.name}`);
      host.replaceChildren();
      const width = Math.floor(host.clientWidth);
      const legend = document.createElement('div');
      chart(host, legend, run, all[index], highest, width);
      lanes(host, run, width);
      host.append(legend);
    });
  }

  draw();
  let waiting;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 100);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
