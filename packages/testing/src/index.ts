/** @carom/testing: a Postgres to break, a proxy to break the way to it, and a ledger to judge what came of it. */
export {
  type Capabilities,
  capabilitiesOf,
  needs,
  type Runner,
  skipReason,
} from './cluster/capabilities.js';
export type { Capability } from './cluster/capability.js';
export type { Cluster, ClusterOptions } from './cluster/cluster.js';
export { ClusterError, UnsupportedOperationError } from './cluster/errors.js';
export type {
  BackendFilter,
  RestartOptions,
  Server,
  ServerConfig,
  Settings,
  StopMode,
} from './cluster/server.js';
export type { Source } from './cluster/source.js';
export { startCluster } from './cluster/start-cluster.js';
export type { Found } from './ledger/audit.js';
export type { Claim, Expectation } from './ledger/entry.js';
export { type Ledger, type LedgerOptions, ledger } from './ledger/ledger.js';
export type { LedgerCounts, LedgerReport, Problem, Wrong } from './ledger/report.js';
export type { Seen } from './proxy/counts.js';
export {
  type FaultProxy,
  type FaultProxyOptions,
  type NetworkDelay,
  type Refusal,
  startFaultProxy,
  type Target,
} from './proxy/fault-proxy.js';
export type {
  BlackHoleFault,
  CutFault,
  DelayFault,
  Ending,
  Fault,
  Firing,
  InjectedFault,
  PartialRowsFault,
  StallFault,
  Trigger,
} from './proxy/faults.js';
