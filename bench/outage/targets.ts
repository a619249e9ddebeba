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

/** What a scenario asks of a figure, and why. */
type Ask = readonly [keyof Figures, Target['limit'], string];

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

const nobodyFails: Ask = ['failed', { atMost: 0 }, 'all have patience enough'];

/** What is true of every scenario of a database that is written to. */
const staysTrue = (
  scenario: string,
  contestant: string,
  asks: readonly Ask[],
): readonly Target[] => {
  const none = { scenario, contestant, limit: { atMost: 0 } } as const;
  return [
    { ...none, figure: 'duplicates', why: 'never twice' },
    { ...none, figure: 'lies', why: 'never a lie' },
    { ...none, figure: 'needless', why: 'what can be known is found out' },
    { ...none, figure: 'shotsLeft', why: 'nobody hangs' },
    { ...none, figure: 'timersLeft', why: 'nothing is left' },
    { ...none, figure: 'connectionsLeft', why: 'nor a connection that nobody has' },
    { ...none, figure: 'placesLeft', why: 'nor a place of the pool' },
    ...asks.map(([figure, limit, why]) => ({ scenario, contestant, figure, limit, why })),
  ];
};

/** What a scenario of a database asks beyond that, of both levels. */
const ofDatabase: Readonly<Record<string, readonly Ask[]>> = {
  failover: [
    ['attemptsDuring', { atMost: 250 }, 'those on their way, and questions: 880 wanted something'],
    ['openings', { atMost: 1 }, 'one outage, and not several'],
    ['drained', { atMost: 2_000 }, 'all who waited are answered soon'],
    ['worstSecondLater', { atLeast: 0.5 }, 'never a second collapse'],
  ],
  kills: [
    [
      'attemptsDuring',
      { atMost: 2_000 },
      '1,350 want something; an end is worth a connection, and a transaction or a question',
    ],
    ['goodputDuring', { atLeast: 0.99 }, 'what comes is done'],
    ['worstSecondDuring', { atLeast: 0.5 }, 'in every second at least half of it'],
    ['openings', { atMost: 0 }, 'the server is well'],
  ],
  idle: [
    ['connections', { atMost: 40 }, 'one for each place, twice'],
    ['goodputFirstSecond', { atLeast: 0.9 }, 'nobody waits for long'],
    ['openings', { atMost: 0 }, 'the server is well'],
  ],
  forgotten: [
    ['connections', { atMost: 42 }, 'one for each place, twice, and one for each opening'],
    [
      'openings',
      { atMost: 2 },
      'twenty lost connections are as an outage begins, and ten are enough',
    ],
    ['goodputFirstSecond', { atLeast: 0.9 }, 'nobody waits for long'],
  ],
  deadlock: [
    ['attemptsDuring', { atMost: 275 }, '150 want something, and few of them more than once more'],
    ['goodputDuring', { atLeast: 0.7 }, 'a deadlock holds up few others'],
    ['drained', { atMost: 2_000 }, 'it is over when the rows are not hot any more'],
    ['openings', { atMost: 0 }, 'the server is well'],
  ],
  'black-hole': [
    ['slowest', { atMost: 6_050 }, 'a deadline of 4 s, and 2 s to ask about a COMMIT on its way'],
    [
      'failed',
      { atMost: 340 },
      'those for whom the deadline came first: 300 came in the black hole',
    ],
    ['attemptsDuring', { atMost: 45 }, 'a connection for each place, and questions: 300 came'],
    ['openings', { atMost: 1 }, 'one outage, and not several'],
    ['drained', { atMost: 3_500 }, 'all who waited are answered soon'],
    ['worstSecondLater', { atLeast: 0.5 }, 'never a second collapse'],
  ],
  'black-hole-patient': [
    ['slowest', { atMost: 13_500 }, 'ten seconds, and as long as it takes to notice'],
    ['attemptsDuring', { atMost: 50 }, 'a connection for each place, and questions: 300 came'],
    ['openings', { atMost: 1 }, 'one outage, and not several'],
    ['drained', { atMost: 3_500 }, 'all who waited are answered soon'],
    ['worstSecondLater', { atLeast: 0.5 }, 'never a second collapse'],
  ],
  serializable: [
    ['attemptsDuring', { atMost: 1_150 }, 'of two at a time one loses: twice as many as answers'],
    ['conflicts', { atMost: 720 }, 'the same, in all 11.5 s: bare clients lose four of five'],
    ['answersPerSecond', { atLeast: 50 }, 'one at a time would be 55'],
    ['slowest', { atMost: 20_000 }, 'nobody comes near the end of patience'],
    ['drained', { atMost: 2_000 }, 'it is over when the rows are not hot any more'],
    ['openings', { atMost: 0 }, 'the server is well'],
  ],
};

const foundOut: Ask = ['unknown', { atMost: 0 }, 'all is found out'];

/** Of those in their COMMIT, one for each place of the pool. */
const inCommit = (why: string): Ask => ['unknown', { atMost: 20 }, why];

const lostWithServer = inCommit('an id does not outlive its server, where a token does');
const askedInVain = inCommit('the deadline comes before anybody can be asked');

/** In place of that nobody fails and all is found out. */
const exceptions: Readonly<Record<string, readonly Ask[]>> = {
  'failover carom-adapter': [nobodyFails, lostWithServer],
  'black-hole carom-adapter': [askedInVain],
  'black-hole carom-fence': [askedInVain],
};

const levels = ['carom-fence', 'carom-adapter'];

const targets: readonly Target[] = [
  ...Object.entries(ofDatabase).flatMap(([scenario, asks]) =>
    levels.flatMap((contestant) => {
      const own = exceptions[`${scenario} ${contestant}`] ?? [nobodyFails, foundOut];
      return staysTrue(scenario, contestant, [...asks, ...own]);
    }),
  ),
  ...ridesOut('refused', 100),
  ...ridesOut('silent', 100),
  ...ridesOut('full', 100),
  ...ridesOut(
    'hot',
    1_500,
    '900 want something, and of two at a time on two rows one in three loses',
  ),
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
