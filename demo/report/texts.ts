/** The page's explanations, in plain language and with the numbers of this demo. */

import type { StrategyName } from '../strategies.js';
import type { Numbers, RunResult } from '../tally/result.js';
import { euros } from '../view/meaning.js';
import { count, duration, plural } from '../view/view.js';
import type { ReportData } from './data.js';

/** A heading and its paragraphs. */
export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

const numbersOf = (results: readonly RunResult[], name: StrategyName): Numbers => {
  const found = results.find(({ strategy }) => strategy === name);
  if (found === undefined) throw new Error(`there is no run of ${name}`);
  return found.numbers;
};

function naiveText({ failed, unknown, duplicates, overchargedCents, lies }: Numbers): string {
  const doubled =
    duplicates === 0
      ? 'This time it was lucky and doubled nothing.'
      : `It did ${plural(duplicates, 'write')} twice: customers were charged ${euros(overchargedCents)} for things ` +
        'they had ordered once. Nobody was told: to the program these were successes.';
  const lied =
    lies === 0
      ? ''
      : ` In ${plural(lies, 'more case')} its last error said that nothing was done, although an earlier try had done it.`;
  return `The hand-written loop asks again, whatever the error was. ${count(failed + unknown)} errors were left. ${doubled}${lied}`;
}

function caromText({ failed, unknown, duplicates, lost, longestStall }: Numbers): string {
  const word =
    duplicates + lost === 0
      ? 'It doubled nothing and lost nothing.'
      : `It doubled ${duplicates} and lost ${lost}: that is a defect of Carom.`;
  const honest =
    unknown === 0
      ? ''
      : ` In ${plural(unknown, 'case')} nobody could know whether the write was done; Carom said exactly that, in an error of ` +
        'its own, and did not guess.';
  const refused = failed === 0 ? 'No operation failed.' : `${plural(failed, 'operation')} failed.`;
  return (
    `Carom asks again only where it knows that nothing was done, and waits while there is no server ` +
    `(longest time without an answer: ${duration(longestStall)}). ${word} ${refused}${honest}`
  );
}

/** What a person needs to know who has never heard of any of this. */
export function sections({ results, runMs }: ReportData): readonly Section[] {
  const none = numbersOf(results, 'none');
  return [
    {
      heading: 'What you see',
      paragraphs: [
        `A small shop takes orders, sells gift cards and moves goods, ${count(none.shots)} operations in ` +
          `${Math.round(runMs / 1_000)} seconds, while its database is being broken: connections are cut and killed, ` +
          'transactions block each other, the server is restarted, crashes, and is replaced by its standby. The same ' +
          'operations and the same faults are played three times, with three ways of dealing with them.',
        'The line that goes up and down is how many operations succeed each second. The dashed line is how many end with ' +
          'an error that a customer sees. Below each chart is what went wrong, and when.',
        'Carom tells of every decision that it takes, to whoever listens. What is shown of its decisions is what it told, and ' +
          'nothing else: how long its circuit was open, how many operations waited for the server, what was played again, what ' +
          'became of each COMMIT whose answer was lost, and of which writes nobody can say.',
      ],
    },
    {
      heading: 'What a double is',
      paragraphs: [
        'A connection can break after the database has done its work and before the answer arrives. The program hears only ' +
          '“connection lost”. If it asks again, the work is done a second time: the customer pays twice. If it does not ask ' +
          'again, the customer may be told that nothing happened, although it did. In the charts these are the full marks ● ' +
          '(the answer was lost); the hollow marks ○ are the harmless ones (the request was lost, and nothing was done).',
      ],
    },
    {
      heading: 'What came of it',
      paragraphs: [
        `Without any strategy, ${count(none.failed)} operations failed, and after ${count(none.unknown)} more errors nobody ` +
          'knew whether the write was done.',
        naiveText(numbersOf(results, 'naive')),
        caromText(numbersOf(results, 'carom')),
      ],
    },
  ];
}

/** The columns of the table, and what they count. */
export const columns: readonly (readonly [name: string, meaning: string])[] = [
  ['shots', 'operations begun'],
  ['failed', 'the caller got an error that does not leave the outcome open'],
  ['duplicates', 'writes that are in the database more than once'],
  ['lost', 'writes reported as done that are not in the database'],
  ['unknown', 'the caller got an error that leaves open whether the write was done'],
  ['p50', 'half of the successes took no longer, counted from the moment the customer asked'],
  ['p99', '99 of 100 successes took no longer'],
  ['longest stall', 'the longest time in which no operation succeeded'],
];
