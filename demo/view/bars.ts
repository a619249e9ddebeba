/** Bars made of characters: how far a run has come, and how a rate went up and down. */

const levels = '▁▂▃▄▅▆▇█';

/** The last `width` of `values`, each as high as its part of `highest`. Nothing is the lowest line, never a gap. */
export function sparkline(values: readonly number[], width: number, highest: number): string {
  const shown = values.slice(-width).map((value) => {
    const level = highest === 0 ? 0 : Math.ceil((value / highest) * (levels.length - 1));
    return levels[Math.min(level, levels.length - 1)];
  });
  return shown.join('').padStart(width, ' ');
}

/** How much of something is done, from 0 to 1. */
export function progressBar(share: number, width: number): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(done) + '░'.repeat(width - done);
}
