/** The targets: what a strategy must reach in a scenario with every seed, and not only with most. */
import type { Figures } from './figures.js';
import type { Spreads } from './spread.js';

export interface Target {
  readonly scenario: string;
  readonly contestant: string;
  readonly figure: keyof Figures;
  /** The greatest, or the least, that any seed may give. */
  readonly limit: { readonly atMost: number } | { readonly atLeast: number };
  readonly why: string;
}

const both = ['carom', 'carom-park'];

/** 90 % again within a second, and never down again. */
const recovers = (scenario: string): readonly Target[] =>
  both.flatMap((contestant): readonly Target[] => [
    {
      scenario,
      contestant,
      figure: 'recovery',
      limit: { atMost: 1_000 },
      why: '90 % goodput within a second',
    },
    {
      scenario,
      contestant,
      figure: 'worstSecondLater',
      limit: { atLeast: 0.5 },
      why: 'never a second collapse',
    },
  ]);

/** Everybody is answered, hardly anybody asks, and nothing is left. */
const ridesOut = (
  scenario: string,
  attemptsDuring: number,
  why = 'questions of the prober, and those on their way when it began',
): readonly Target[] => {
  const none = { scenario, contestant: 'carom-adapter', limit: { atMost: 0 } } as const;
  return [
    { ...none, figure: 'failed', why: 'all have patience enough' },
    { ...none, figure: 'shotsLeft', why: 'nobody hangs' },
    { ...none, figure: 'timersLeft', why: 'nothing is left' },
    {
      ...none,
      figure: 'attemptsDuring',
      limit: { atMost: attemptsDuring },
      why,
    },
  ];
};

const targets: readonly Target[] = [
  ...ridesOut('refused', 100),
  ...ridesOut('silent', 100),
  ...ridesOut('full', 100),
  ...ridesOut('hot', 1_300, '900 want something, and one attempt in five is for nothing'),
  ...both.map(
    (contestant): Target => ({
      scenario: 'outage',
      contestant,
      figure: 'attemptsDuring',
      limit: { atMost: 250 },
      why: 'those on their way when it dies, then probes: 15,000 wanted something',
    }),
  ),
  ...recovers('outage'),
  ...both.map(
    (contestant): Target => ({
      scenario: 'steady-errors',
      contestant,
      figure: 'openings',
      limit: { atMost: 0 },
      why: 'a steady 30 % is no outage',
    }),
  ),
];

/** One line for each target of these runs that some seed misses. */
export function missed(scenario: string, contestant: string, spreads: Spreads): readonly string[] {
  return targets
    .filter((target) => target.scenario === scenario && target.contestant === contestant)
    .flatMap(({ figure, limit, why }) => {
      const { min, max } = spreads[figure];
      const [worst, isMissed, words] =
        'atMost' in limit
          ? [max, !(max <= limit.atMost), `at most ${limit.atMost}`]
          : [min, !(min >= limit.atLeast), `at least ${limit.atLeast}`];
      return isMissed
        ? [`${scenario}, ${contestant}: ${figure} ${worst}, should be ${words} (${why})`]
        : [];
    });
}
