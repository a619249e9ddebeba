/** Attributes: what spans and metrics say of a shot, by the database semantic conventions where these have a name for it. */
import type { ShotEvent, Verdict } from '@carom/core';
import type { Attributes } from '@opentelemetry/api';
import { bounded, other } from './bounded.js';

/** The names; those of the semantic conventions for database clients (1.34, stable), and Carom's own. */
export const names = {
  system: 'db.system.name',
  operation: 'db.operation.name',
  statusCode: 'db.response.status_code',
  errorType: 'error.type',
  datasource: 'carom.datasource',
  attempt: 'carom.attempt',
  attempts: 'carom.attempts',
  phase: 'carom.phase',
  kind: 'carom.verdict.kind',
  outcome: 'carom.outcome',
  connection: 'carom.connection',
  decision: 'carom.decision',
  why: 'carom.why',
  delay: 'carom.retry.delay',
  budgetLeft: 'carom.retry.budget.left',
  waited: 'carom.waited',
  scope: 'carom.timeout.scope',
  limit: 'carom.timeout.limit',
  state: 'carom.circuit.state',
  level: 'carom.commit.level',
} as const;

const sqlstate = /^[0-9A-Z]{5}$/;

/** Makes the attributes of one instrumentation, each value of which is one of finitely many. */
export class Attributed {
  readonly #system: Attributes;
  readonly #operation = bounded(200);
  readonly #datasource = bounded(100);
  readonly #code = bounded(200);
  readonly #known = new Map<string | undefined, Map<string | undefined, Attributes>>();

  constructor(system: string | false) {
    this.#system = system === false ? {} : { [names.system]: system };
  }

  /** The operation, and where: one object for each, since a shot that is well should not cost one. */
  of({ operation, datasource }: Pick<ShotEvent, 'operation' | 'datasource'>): Attributes {
    const known = this.#known.get(datasource)?.get(operation);
    return known ?? this.#remember(operation, datasource);
  }

  #remember(operation: string | undefined, datasource: string | undefined): Attributes {
    const made = this.#make(operation, datasource);
    const known = this.#known.get(datasource) ?? new Map<string | undefined, Attributes>();
    // Those beyond the bounds are made each time: to remember them would be to have none.
    const isOther = made[names.operation] === other || made[names.datasource] === other;
    if (!isOther) this.#known.set(datasource, known.set(operation, made));
    return made;
  }

  #make(operation: string | undefined, datasource: string | undefined): Attributes {
    return {
      ...this.#system,
      ...(operation !== undefined && { [names.operation]: this.#operation(operation) }),
      ...(datasource !== undefined && { [names.datasource]: this.#datasource(datasource) }),
    };
  }

  /** What went wrong. Its text is left out: drivers put values into it. */
  failure({ code, kind, outcome }: Verdict): Attributes {
    const type = code === undefined ? other : this.#code(code);
    return {
      [names.errorType]: type,
      ...(sqlstate.test(type) && { [names.statusCode]: type }),
      [names.kind]: kind,
      [names.outcome]: outcome,
    };
  }

  /** What kept a shot out, or was answered by a pocket. */
  code(code: string | undefined): Attributes {
    return { [names.errorType]: code === undefined ? other : this.#code(code) };
  }
}
