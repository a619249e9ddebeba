// Draws the charts of the page. Runs in a browser; `uPlot` and `runs` come from the scripts before it.
/* global uPlot, runs */
(() => {
  const right = 14;
  const laneHeight = 18;
  const barsHeight = 28;
  const headingHeight = 22;
  const chartHeight = 170;
  // For the names of the lanes, and the numbers of the axis above them.
  const gutterOf = (width) => (width < 500 ? 84 : 108);

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

  const marksOf = ({ groups }, kind) =>
    groups
      .flatMap(({ lanes }) => lanes.filter((lane) => lane.kind === kind))
      .flatMap(({ marks }) => marks);

  /** The times without a server, behind the lines: what they fall for. */
  function shade({ ctx, bbox, valToPos }, run) {
    ctx.save();
    ctx.fillStyle = colour('--away-fill');
    for (const { from, until } of marksOf(run, 'away')) {
      const [left, end] = [from, until].map((ms) =>
        valToPos(Math.min(ms, run.runMs) / 1000, 'x', true),
      );
      ctx.fillRect(left, bbox.top, Math.max(2, end - left), bbox.height);
    }
    ctx.restore();
  }

  function chart(host, run, data, highest, width) {
    const gutter = gutterOf(width);
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
        { ...axis, size: gutter },
      ],
      series: [
        {},
        {
          stroke: colour('--done'),
          fill: colour('--done-fill'),
          width: 2,
          points: { show: false },
        },
        { stroke: colour('--errors'), width: 2, dash: [6, 4], points: { show: false } },
      ],
      hooks: { drawClear: [(plot) => shade(plot, run)] },
      legend: { show: false },
      cursor: { sync: { key: 'runs' }, y: false },
    };
    new uPlot(options, data, host);
  }

  const dot = (full, title, x, y) =>
    `<circle class="fault${full ? ' full' : ''}" cx="${x}" cy="${y + 9}" r="3.6"><title>${title}</title></circle>`;

  const letter = (kind, { sign, title }, x, y) =>
    `<text class="${kind}" x="${x}" y="${y + 13}" text-anchor="middle"><title>${title}</title>${sign}</text>`;

  const shapes = {
    fault: (mark, x, y) =>
      '○●'.includes(mark.sign)
        ? dot(mark.sign === '●', mark.title, x, y)
        : letter('fault', mark, x, y),
    settled: (mark, x, y) => letter('settled', mark, x, y),
    unknown: (mark, x, y) => letter('unknown', mark, x, y),
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

  /** One bar for each stretch, as high as its part of the highest. */
  function bars({ name, bars: counts }, run, y, { gutter, scale }) {
    const most = Math.max(...counts);
    if (most === 0) return '';
    const width = run.stretch * scale;
    const room = barsHeight - 4;
    const shown = counts.map((count, index) => {
      const height = (count / most) * room;
      const title = `${((index * run.stretch) / 1000).toFixed(2)} s: ${count} ${escaped(name)}`;
      return count === 0
        ? ''
        : `<rect class="bar" x="${gutter + index * width}" y="${y + barsHeight - 1 - height}" width="${Math.max(1, width - 0.5)}" height="${height}"><title>${title}</title></rect>`;
    });
    return shown.join('');
  }

  function lane(each, run, y, height, { gutter, scale, width }) {
    const { name, kind, marks } = each;
    const shown = marks.map(({ from, until, sign, title }) => {
      const start = gutter + Math.min(from, run.runMs) * scale;
      const end = gutter + Math.min(until, run.runMs) * scale;
      return shapes[kind]({ sign: escaped(sign), title: escaped(title) }, start, y, end - start);
    });
    const content = kind === 'bars' ? bars(each, run, y, { gutter, scale }) : shown.join('');
    const names =
      kind === 'bars'
        ? [
            [name, 12],
            [`at most ${Math.max(...each.bars)}`, 24],
          ]
        : [[name, 13]];
    const told = names.map(
      ([line, below]) =>
        `<text class="name" x="${gutter - 8}" y="${y + below}" text-anchor="end">${escaped(line)}</text>`,
    );
    const rule = `<line class="rule" x1="${gutter}" x2="${width - right}" y1="${y + height - 0.5}" y2="${y + height - 0.5}"/>`;
    const none =
      kind === 'double' && marks.length === 0
        ? `<text class="none" x="${gutter + 4}" y="${y + 13}">none</text>`
        : '';
    return rule + told.join('') + content + none;
  }

  function lanes(host, run, width) {
    const gutter = gutterOf(width);
    const place = { gutter, width, scale: (width - gutter - right) / run.runMs };
    const parts = [];
    let y = 0;
    for (const { title, lanes: each } of run.groups) {
      parts.push(`<text class="heading" x="0" y="${y + 15}">${escaped(title)}</text>`);
      y += headingHeight;
      for (const one of each) {
        const height = one.kind === 'bars' ? barsHeight : laneHeight;
        parts.push(lane(one, run, y, height, place));
        y += height;
      }
    }
    const below = parts.join('');
    const away = marksOf(run, 'away').map(({ from, until }) => {
      const start = gutter + Math.min(from, run.runMs) * place.scale;
      const long = (Math.min(until, run.runMs) - Math.min(from, run.runMs)) * place.scale;
      return `<rect class="shade" x="${start}" y="0" width="${long}" height="${y}"/>`;
    });
    const element = document.createElement('div');
    element.innerHTML = `<svg class="lanes" role="img" aria-label="What went wrong, what was done about it, and when" viewBox="0 0 ${width} ${y}" height="${y}">${away.join('')}${below}</svg>`;
    host.append(element);
  }

  function draw() {
    const all = runs.map(perSecond);
    const highest = Math.max(10, ...all.flatMap(([, done, errors]) => [...done, ...errors])) * 1.08;
    runs.forEach((run, index) => {
      const host = document.getElementById(`chart-${run.name}`);
      host.replaceChildren();
      const width = Math.floor(host.clientWidth);
      chart(host, run, all[index], highest, width);
      lanes(host, run, width);
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
