/** The targets: what a strategy must reach in a scenario with every seed, and not only with most. */
import type { Millis } from '@carom/core';
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
const levels = ['carom-fence', 'carom-adapter'];

const asked = (scenario: string, contestant: string, asks: readonly Ask[]): readonly Target[] =>
  asks.map(([figure, limit, why]) => ({ scenario, contestant, figure, limit, why }));

const nobodyFails: Ask = ['failed', { atMost: 0 }, 'all have patience enough'];
const isSteady: Ask = ['worstSecondLater', { atLeast: 0.5 }, 'never a second collapse'];
const isWell: Ask = ['openings', { atMost: 0 }, 'the server is well'];

const nothingStays: readonly Ask[] = [
  ['shotsLeft', { atMost: 0 }, 'nobody hangs'],
  ['timersLeft', { atMost: 0 }, 'nothing is left'],
];

/** Everybody is answered, hardly anybody asks, and nothing is left. */
const ridesOut = (
  scenario: string,
  attemptsDuring: number,
  why = 'questions of the prober, and those on their way when it began',
): readonly Target[] =>
  asked(scenario, 'carom-adapter', [
    ...[nobodyFails, ...nothingStays],
    ['attemptsDuring', { atMost: attemptsDuring }, why],
  ]);

/** What is true of every scenario of a database that is written to. */
const staysTrue: readonly Ask[] = [
  ['duplicates', { atMost: 0 }, 'never twice'],
  ['lies', { atMost: 0 }, 'never a lie'],
  ['needless', { atMost: 0 }, 'what can be known is found out'],
  ...nothingStays,
  ['connectionsLeft', { atMost: 0 }, 'nor a connection that nobody has'],
  ['placesLeft', { atMost: 0 }, 'nor a place of the pool'],
];

/** Of an outage that ends. */
const isOver = (drained: Millis): readonly Ask[] => [
  ['openings', { atMost: 1 }, 'one outage, and not several'],
  ['drained', { atMost: drained }, 'all who waited are answered soon'],
  isSteady,
];

/** Of a storm that ends, of a server that is well. */
const isCalmAgain: readonly Ask[] = [
  ['drained', { atMost: 2_000 }, 'it is over when the rows are not hot any more'],
  isWell,
];

/** What a scenario of a database asks beyond that, of both levels. */
const ofDatabase: Readonly<Record<string, readonly Ask[]>> = {
  failover: [
    ['attemptsDuring', { atMost: 250 }, 'those on their way, and questions: 880 wanted something'],
    ...isOver(2_000),
  ],
  kills: [
    [
      'attemptsDuring',
      { atMost: 2_000 },
      '1,350 want something; an end is worth a connection, and a transaction or a question',
    ],
    ['goodputDuring', { atLeast: 0.99 }, 'what comes is done'],
    ['worstSecondDuring', { atLeast: 0.5 }, 'in every second at least half of it'],
    isWell,
  ],
  idle: [
    ['connections', { atMost: 40 }, 'one for each place, twice'],
    ['goodputFirstSecond', { atLeast: 0.9 }, 'nobody waits for long'],
    isWell,
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
    ...isCalmAgain,
  ],
  'black-hole': [
    ['slowest', { atMost: 6_050 }, 'a deadline of 4 s, and 2 s to ask about a COMMIT on its way'],
    [
      'failed',
      { atMost: 340 },
      'those for whom the deadline came first: 300 came in the black hole',
    ],
    ['attemptsDuring', { atMost: 45 }, 'a connection for each place, and questions: 300 came'],
    ...isOver(3_500),
  ],
  'black-hole-patient': [
    ['slowest', { atMost: 13_500 }, 'ten seconds, and as long as it takes to notice'],
    ['attemptsDuring', { atMost: 50 }, 'a connection for each place, and questions: 300 came'],
    ...isOver(3_500),
  ],
  serializable: [
    ['attemptsDuring', { atMost: 1_150 }, 'of two at a time one loses: twice as many as answers'],
    ['conflicts', { atMost: 720 }, 'the same, in all 11.5 s: bare clients lose four of five'],
    ['answersPerSecond', { atLeast: 50 }, 'one at a time would be 55'],
    ['slowest', { atMost: 20_000 }, 'nobody comes near the end of patience'],
    ...isCalmAgain,
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

const targets: readonly Target[] = [
  ...Object.entries(ofDatabase).flatMap(([scenario, asks]) =>
    levels.flatMap((contestant) => {
      const own = exceptions[`${scenario} ${contestant}`] ?? [nobodyFails, foundOut];
      return asked(scenario, contestant, [...staysTrue, ...asks, ...own]);
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
  ...both.flatMap((contestant) => [
    ...asked('outage', contestant, [
      [
        'attemptsDuring',
        { atMost: 250 },
        'those on their way when it dies, then probes: 15,000 wanted something',
      ],
      ['recovery', { atMost: 1_000 }, '90 % goodput within a second'],
      isSteady,
    ]),
    ...asked('steady-errors', contestant, [
      ['openings', { atMost: 0 }, 'a steady 30 % is no outage'],
    ]),
  ]),
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
