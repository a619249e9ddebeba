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

  constructor(system: string | false) {
    this.#system = system === false ? {} : { [names.system]: system };
  }

  /** The operation, and where. */
  of({ shot, service }: Pick<ShotEvent, 'shot' | 'service'>): Attributes {
    return {
      ...this.#system,
      ...(shot !== undefined && { [names.operation]: this.#operation(shot) }),
      ...(service !== undefined && { [names.datasource]: this.#datasource(service) }),
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
