/** The events of a simulated Postgres: what happens to it at once, when a phase of a scenario begins. */
import type { Database } from './database.js';

export const events = {
  dies: (database: Database) => database.die(),
  recovers: (database: Database) => database.recover(),
  'is promoted': (database: Database) => database.promote(),
  'ends all': (database: Database) => database.endAll(),
  'is forgotten': (database: Database) => database.forgetAll(),
  'is swallowed': (database: Database) => database.network.swallow(),
  'is heard again': (database: Database) => database.network.comeBack(),
} as const;

export type DatabaseEvent = keyof typeof events;
