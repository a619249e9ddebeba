/** Serializable transactions of the simulated Postgres (SSI): who was first to commit wins, and 40001 is for the others. */
import { said } from './errors.js';

/** What a serializable transaction has seen and done. */
export interface Serial {
  /** How many had been committed when it looked first: it sees them and no others. Undefined before. */
  snapshot: number | undefined;
  /** As the how manieth it was committed. */
  committed: number | undefined;
  readonly reads: Set<unknown>;
  readonly writes: Set<unknown>;
  /** It had read what another, which was committed before it, wrote meanwhile (an rw-conflict out). */
  isPivot: boolean;
}

export const updatedMeanwhile = (): Error =>
  said('40001', 'ERROR', 'could not serialize access due to concurrent update');

export const readMeanwhile = (): Error =>
  said(
    '40001',
    'ERROR',
    'could not serialize access due to read/write dependencies among transactions',
  );

export class Serializable {
  readonly #active: Set<Serial> = new Set();
  /** Those that somebody active does not see. */
  #committed: Serial[] = [];
  #commits = 0;
  /** How many were refused. */
  refused = 0;

  begin(): Serial {
    const serial: Serial = {
      ...{ snapshot: undefined, committed: undefined, isPivot: false },
      ...{ reads: new Set(), writes: new Set() },
    };
    this.#active.add(serial);
    return serial;
  }

  /** What it sees is fixed with its first statement. */
  look(serial: Serial): void {
    serial.snapshot ??= this.#commits;
  }

  /** Whether somebody has written a row that it cannot have seen, so that it may not write it any more. */
  isStale(serial: Serial, row: unknown): boolean {
    return this.#unseen(serial).some(({ writes }) => writes.has(row));
  }

  /**
   * Whether its commit would close a dangerous structure: of three in a row, each of which read what the next one wrote meanwhile, the
   * last one was committed first. Then no order of them explains what they have seen.
   */
  isDangerous(serial: Serial): boolean {
    const { reads, writes } = serial;
    const out = this.#unseen(serial).filter((other) => overlap(reads, other.writes));
    if (out.some(({ isPivot }) => isPivot)) return true;
    serial.isPivot = out.length > 0;
    if (!serial.isPivot) return false;
    const others = [...this.#unseen(serial), ...this.#active];
    return others.some((other) => other !== serial && overlap(other.reads, writes));
  }

  end(serial: Serial, isCommitted: boolean): void {
    if (!this.#active.delete(serial)) return;
    if (isCommitted) {
      this.#commits += 1;
      serial.committed = this.#commits;
      this.#committed.push(serial);
    }
    const oldest = Math.min(...[...this.#active].map(({ snapshot = this.#commits }) => snapshot));
    this.#committed = this.#committed.filter(({ committed = 0 }) => committed > oldest);
  }

  #unseen({ snapshot = this.#commits }: Serial): readonly Serial[] {
    return this.#committed.filter(({ committed = 0 }) => committed > snapshot);
  }
}

function overlap(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean {
  for (const each of one) if (other.has(each)) return true;
  return false;
}
