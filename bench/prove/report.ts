/** The report of the proof: figures for programs, a Markdown table for people, and whether Carom kept its word. */
import { type Account, add, hitsOf, newAccount, total, wrongOf } from './account.js';
import type { Adapter } from './adapters.js';
import { matrix, missing } from './coverage.js';
import { allFaults } from './faults.js';
import type { Options } from './options.js';
import { type Strategy, strategies } from './strategies.js';

/** What a run gave. */
export interface Result {
  readonly adapters: readonly Adapter[];
  /** By the strategy's name. */
  readonly accounts: ReadonlyMap<Strategy['name'], Account>;
  /** What is wrong in Carom's columns, for people. */
  readonly remarks: readonly string[];
}

const columns = ['none', 'naive', 'carom'] as const;

const accountOf = ({ accounts }: Result, name: Strategy['name']): Account =>
  accounts.get(name) ?? newAccount();

function ofColumn(result: Result, column: Strategy['column']): Account {
  const sum = newAccount();
  for (const strategy of strategies) {
    if (strategy.column === column) add(sum, accountOf(result, strategy.name));
  }
  return sum;
}

const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));

const byFault = (account: Account): Readonly<Record<string, number>> =>
  Object.fromEntries(allFaults.map((fault) => [fault, hitsOf(account, { fault })]));

/** For programs. */
export function figuresOf(result: Result, options: Pick<Options, 'seed'>): object {
  const strategiesOf = columns.map((column) => {
    const { hits, unknownBy, ...numbers } = ofColumn(result, column);
    const wrong = wrongOf(ofColumn(result, column));
    return [column, { ...numbers, wrong, faults: total(hits), unknownBy: sorted(unknownBy) }];
  });
  const carom = ofColumn(result, 'carom');
  const faults = { total: total(carom.hits), ...byFault(carom) };
  return { seed: options.seed, faults, strategies: Object.fromEntries(strategiesOf) };
}

/** Why it is no proof: nothing, if all is well. */
export function objections(result: Result, { quick }: Pick<Options, 'quick'>): readonly string[] {
  const carom = ofColumn(result, 'carom');
  const wrong = wrongOf(carom);
  const never = strategies
    .filter(({ column }) => column === 'carom')
    .flatMap(({ name }) =>
      missing(accountOf(result, name), result.adapters, quick).map((cell) => `${name}: ${cell}`),
    );
  return [
    ...(wrong > 0 ? [`Carom gave ${wrong} wrong answers`] : []),
    ...(carom.needlesslyUnknown > 0
      ? [`Carom did not know ${carom.needlesslyUnknown} times what it could know`]
      : []),
    ...never.map((cell) => `this never came about: ${cell}`),
  ];
}

const rows: readonly (readonly [title: string, of: (account: Account) => number])[] = [
  ['units of work', ({ shots }) => shots],
  ['faults that hit them', ({ hits }) => total(hits)],
  ['an error that says: not done', ({ failed }) => failed],
  ['an error that leaves it open (unknown)', ({ unknown }) => unknown],
  ['· where the level could have known', ({ needlesslyUnknown }) => needlesslyUnknown],
  ['done, though the caller got an error', ({ doneDespiteError }) => doneDespiteError],
  ['**done twice**', ({ duplicates }) => duplicates],
  ['**said to be done, and lost**', ({ lost }) => lost],
  ['**said not to be done, and done**', ({ denied }) => denied],
  ['**done in part**', ({ torn }) => torn],
  ['done, and lost with the server (asynchronous standby)', ({ lostByServer }) => lostByServer],
];

/** For people: Markdown. */
export function table(result: Result): string {
  const shown = strategies.map(({ title, name }) => ({ title, account: accountOf(result, name) }));
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const count = (number: number): string => number.toLocaleString('en-US');
  return [
    line(['', ...shown.map(({ title }) => title)]),
    line(['---', ...shown.map(() => '---:')]),
    ...rows.map(([title, of]) => line([title, ...shown.map(({ account }) => count(of(account)))])),
  ].join('\n');
}

/** For people: what Carom said that it could not know, and what came about. */
export function details(result: Result, { quick }: Pick<Options, 'quick'>): string {
  const carom = ofColumn(result, 'carom');
  const reasons = Object.entries(sorted(carom.unknownBy));
  return [
    ...(reasons.length === 0
      ? []
      : ['What Carom said it could not know, by level, fault, point and reason:']),
    ...reasons.map(([reason, times]) => `- ${times} × ${reason}`),
    '',
    'Faults that hit units of work in Carom (before · after-server · after-answer):',
    '',
    matrix(carom, result.adapters, quick),
    ...(result.remarks.length === 0 ? [] : ['', 'Remarks:']),
    ...result.remarks.slice(0, shownAtMost).map((remark) => `- ${remark}`),
  ].join('\n');
}

const shownAtMost = 60;
