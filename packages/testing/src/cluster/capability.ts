/** A capability is something that a test may need of its cluster, and that not every cluster has. */

/** To be stopped and started, to have a standby, to let backends be killed. */
export type Capability = 'stop' | 'standby' | 'kill';
