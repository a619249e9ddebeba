/** All scenarios, in the order of the table. */
import { blackHole } from './black-hole.js';
import { calm } from './calm.js';
import { failover, failoverFence } from './failover.js';
import { full } from './full.js';
import { idleKill } from './idle-kill.js';
import { rollingKill } from './rolling-kill.js';
import type { Scenario } from './scenario.js';
import { stop } from './stop.js';
import { deadlocks, serializable } from './storms.js';

export const scenarios: readonly Scenario[] = [
  ...[stop, failoverFence, failover, rollingKill, full, deadlocks, serializable, blackHole],
  ...[idleKill, calm],
];
