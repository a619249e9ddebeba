/** A contender is one library doing the work of one row, in a loop that is its own. */
import type { BaseName, Peer, RowName } from './rows.js';

/** One library in one row. */
export interface Contender {
  readonly row: RowName | 'base';
  readonly by: Peer | 'carom' | 'floor' | BaseName;
  /** One turn of the loop, as source; it knows `names`, the turn `i`, and leaves its result in `sink`. */
  readonly turn: string;
  readonly names: Readonly<Record<string, unknown>>;
  /** How many of what is counted one turn does. Default 1. */
  readonly perTurn?: number | undefined;
  /** What this library does less, or otherwise, than the row says. */
  readonly note?: string | undefined;
}

/** What a library cannot do here, and why. */
export interface Skipped {
  readonly row: RowName;
  readonly why: string;
}

/** The name under which a contender's figures are kept. */
export const keyOf = ({ row, by }: Pick<Contender, 'row' | 'by'>): string => `${row}/${by}`;

/** Runs so many turns. */
export type Loop = (turns: number) => void | Promise<void>;

/**
 * Makes the loop of a contender. Functions from one piece of source share what the compiler learns
 * about them, and then the first contender would decide how fast the others are: so each gets source
 * of its own, which only generated code can have. The comment keeps equal turns from being one.
 */
export function loopOf(contender: Contender): Loop {
  const { turn, names } = contender;
  const kind = /\bawait\b/.test(turn) ? 'async function' : 'function';
  const source = `'use strict'; // ${keyOf(contender)}
    return ${kind} loop(turns) {
      let sink;
      for (let i = 0; i < turns; i++) { ${turn} }
      globalThis.benchSink = sink;
    };`;
  return new Function(...Object.keys(names), source)(...Object.values(names));
}
