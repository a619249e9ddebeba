/** The scenarios by name, in the order of the table. */
export const scenarioNames = [
  'stop',
  'failover-fence',
  'failover',
  'rolling-kill',
  'full',
  'deadlocks',
  'serializable',
  'black-hole',
  'idle-kill',
  'calm',
] as const;

export type ScenarioName = (typeof scenarioNames)[number];
