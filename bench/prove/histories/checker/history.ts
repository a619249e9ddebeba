/** A history is what the clients of one database saw: the units they asked for, what they were told, and what is there at the end. */

/** What a caller was told became of a unit. `unknown` also stands for a unit that nobody answered for. */
export type Told = 'committed' | 'rolled-back' | 'unknown';

/** One transaction, however often it was played. */
export interface Unit {
  readonly id: string;
  /** Places in the one order in which calls began and ended; `ended` is undefined for a call that never did. */
  readonly began: number;
  readonly ended: number | undefined;
  readonly told: Told;
}

/** Puts a value that nobody else appends at the end of a list. */
export interface Append {
  readonly kind: 'append';
  readonly key: number;
  readonly value: number;
}

/** Reads a list; what it saw is undefined unless the unit was told to be committed, with its result. */
export interface Read {
  readonly kind: 'read';
  readonly key: number;
  readonly elements: readonly number[] | undefined;
}

export type ListOperation = Append | Read;

export interface ListUnit extends Unit {
  readonly operations: readonly ListOperation[];
}

export interface ListHistory {
  readonly units: readonly ListUnit[];
  /** The lists at the end, when nobody wrote any more; undefined where nobody looked. A key that is not there is empty. */
  readonly final: ReadonlyMap<number, readonly number[]> | undefined;
}
