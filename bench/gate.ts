/** The gate: the figures that have no noise, compared with those that were kept. */

/** By name: `success.bytes`, `size.whole.gzip`, `pg.query.promises`. */
export type Metrics = Readonly<Record<string, number>>;

/** What is kept in the repository. */
export interface Baseline {
  /** The bytes of a turn differ from one Node to the next: `v20 x64`. */
  readonly runtime: string;
  readonly metrics: Metrics;
}

/** A metric that is worse than it may be. */
export interface Worse {
  readonly name: string;
  readonly why: string;
}

/** How much worse each kind may be before it counts, by the end of its name. */
const slack: readonly (readonly [name: RegExp, allowed: (kept: number) => number])[] = [
  // More than the bare client's, by the middle one of many; a driver's buffer lies on a page with others now and then.
  [/^(pg|knex|prisma)\..+\.bytes$/, (kept) => kept + Math.max(32, Math.round(kept * 0.05))],
  // An answer that came in one packet with another is not waited for.
  [/\.transaction\.promises$/, (kept) => kept + 1],
  // A field more is eight bytes. Where errors are made and timers armed it depends on the machine too.
  [/\.bytes$/, (kept) => (kept <= 200 ? kept + 8 : Math.round(kept * 1.15))],
  // Another zlib, another name for a variable.
  [/^size\./, (kept) => Math.round(kept * 1.005)],
  [/\.(promises|ticks)$/, (kept) => kept],
];

/** What a metric may be at most. @throws when nothing says how exact it is */
function allowed(name: string, kept: number): number {
  const found = slack.find(([pattern]) => pattern.test(name));
  if (found === undefined) throw new Error(`no slack is defined for the metric ${name}`);
  return found[1](kept);
}

/** Whether a metric means the same on every Node. */
const isPortable = (name: string): boolean => !name.endsWith('.bytes');

/** What got worse; what is no longer measured is worse. */
export function regressions(baseline: Baseline, now: Baseline): readonly Worse[] {
  return comparable(baseline, now).flatMap(([name, kept]) => {
    const value = now.metrics[name];
    if (value === undefined) return [{ name, why: `is no longer measured; it was ${kept}` }];
    const most = allowed(name, kept);
    return value <= most ? [] : [{ name, why: `is ${value}; it was ${kept}, ${most} is allowed` }];
  });
}

/** What to know of a comparison that found nothing wrong. */
export function remarks(baseline: Baseline, now: Baseline): readonly string[] {
  const fresh = Object.keys(now.metrics).filter((name) => !(name in baseline.metrics));
  const better = comparable(baseline, now).filter(([name, kept]) => {
    const value = now.metrics[name];
    return value !== undefined && kept > allowed(name, value);
  });
  return [
    ...(baseline.runtime === now.runtime
      ? []
      : [`bytes not compared: kept on ${baseline.runtime}, this is ${now.runtime}`]),
    ...fresh.map((name) => `${name} is ${now.metrics[name]}; not kept yet: run with --save`),
    ...better.map(([name, kept]) => `${name} is better: ${now.metrics[name]}; it was ${kept}`),
  ];
}

function comparable(baseline: Baseline, now: Baseline): readonly (readonly [string, number])[] {
  return Object.entries(baseline.metrics).filter(
    ([name]) => baseline.runtime === now.runtime || isPortable(name),
  );
}
