/** A datasource is what its clients share: one cushion (circuit breaker), one retry budget, one prober. */
import {
  Budget,
  CaromError,
  type Clock,
  Cushion,
  type CushionOptions,
  type Random,
  systemClock,
  systemRandom,
} from '@carom/core';
import { SlowStart } from '../connection/slow-start.js';
import { type Member, Members } from './members.js';
import { Prober } from './prober.js';
import { askServer, type Finding, type Target } from './question.js';

/** What tells one datasource from another in this process. */
export interface Identity {
  /** Host, port, database and name. */
  readonly key: string;
  /** Injected time and chance are nobody else's; `undefined` is the system's. */
  readonly clock: Clock | undefined;
  readonly random: Random | undefined;
}

/** How its cushion works. */
export interface Settings {
  readonly cushion: CushionOptions;
  readonly target: Target;
}

const nobody: Finding = { isUp: false, why: 'no client is there that could ask' };

/** One for all clients of an address. */
export class Datasource {
  readonly name: string;
  readonly identity: Identity;
  readonly members: Members = new Members();
  readonly budget: Budget;
  /** How it is connected to when it was full. */
  readonly slowStart: SlowStart;
  /** Those who turned out to have no connection to lend. */
  readonly #mute: WeakSet<Member> = new WeakSet();
  #shared: Shared | undefined;
  #prober: Prober | undefined;

  constructor(name: string, identity: Identity) {
    this.name = name;
    this.identity = identity;
    const { clock = systemClock, random = systemRandom } = identity;
    this.slowStart = new SlowStart(name, clock, random);
    this.budget = new Budget(name, { whenSpent: 'wait' }, { clock: identity.clock });
  }

  /** What the prober found last, while its circuit is open. */
  get finding(): string | undefined {
    return this.#shared?.cushion.state === 'open' ? this.#prober?.finding?.why : undefined;
  }

  /**
   * The cushion that its clients share.
   * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS`: the first client's settings never win over the second's.
   */
  cushion({ cushion: options, target }: Settings): Cushion {
    const { clock, random } = this.identity;
    const cushion = new Cushion(this.name, options, { clock, random });
    // Nobody is left whom it would contradict.
    if (!this.#isShared) {
      this.prune();
      this.#lend(undefined);
      this.#shared = undefined;
    }
    this.#shared ??= { cushion, target };
    const conflict = difference(this.#shared, { cushion, target });
    if (conflict === undefined) return this.#shared.cushion;
    throw new CaromError(
      'CAROM_CONFLICTING_SETTINGS',
      `the clients of ${this.name} share one cushion (circuit breaker), and ${conflict}; give all of them the same, or this one another \`datasource\` name`,
    );
  }

  join(member: Member): void {
    this.members.add(member);
    this.#lend(this.#lender());
  }

  leave(member: Member): void {
    this.members.delete(member);
    this.#lend(this.#lender());
  }

  /** Forgets the clients that were closed behind Carom's back, or dropped. */
  prune(): void {
    for (const member of this.members) if (member.isClosed?.()) this.members.delete(member);
    this.#lend(this.#lender());
  }

  /** Whether a client that is not closed is on the shared cushion. */
  get #isShared(): boolean {
    for (const { cushion, isClosed } of this.members) {
      if (cushion === this.#shared?.cushion && !isClosed?.()) return true;
    }
    return false;
  }

  /** Whoever of those on the shared cushion can lend a connection. */
  #lender(): Member | undefined {
    for (const member of this.members) {
      const { connect, cushion } = member;
      const canLend = connect !== undefined && !this.#mute.has(member);
      if (canLend && cushion === this.#shared?.cushion) return member;
    }
    return undefined;
  }

  /** There is a prober for as long as somebody lends it a connection. */
  #lend(lender: Member | undefined): void {
    const { circuit } = this.#shared?.cushion ?? {};
    if (circuit === undefined || (lender === undefined) === (this.#prober === undefined)) return;
    const { clock = systemClock, random = systemRandom } = this.identity;
    this.#prober =
      lender === undefined
        ? undefined
        : new Prober({ clock, random, ask: () => this.#ask(), answered: () => circuit.answered() });
    circuit.probedBy(this.#prober);
  }

  async #ask(): Promise<Finding> {
    this.prune();
    const lender = this.#lender();
    if (lender?.connect === undefined) return nobody;
    const { clock = systemClock } = this.identity;
    const finding = await askServer(lender.connect, this.#shared?.target ?? 'writer', clock);
    if (finding.isMute) {
      this.#mute.add(lender);
      this.#lend(this.#lender());
    }
    return finding;
  }
}

interface Shared {
  readonly cushion: Cushion;
  readonly target: Target;
}

/** Which setting is not the same, in words. */
function difference(one: Shared, other: Shared): string | undefined {
  const all = ({ cushion: { rules }, target }: Shared): Readonly<Record<string, unknown>> => {
    const { window, ...rest } = rules;
    return { ...window, ...rest, target };
  };
  const [had, wanted] = [all(one), all(other)];
  for (const key of new Set([...Object.keys(had), ...Object.keys(wanted)])) {
    if (had[key] === wanted[key]) continue;
    const option = key === 'target' ? key : `cushion.${key}`;
    return `\`${option}\` is ${String(had[key])} already; here it is ${String(wanted[key])}`;
  }
  return undefined;
}
