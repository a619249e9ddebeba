/** Listening to a circuit (breaker) on behalf of a datasource: once, however many of its clients share it (reference count). */
import { CircuitOpenError, type Cushion, type CushionState } from '@carom/core';
import type { Datasource } from './datasource.js';
import { look } from './health.js';

interface Listening {
  /** For how many clients. */
  clients: number;
  stop(): void;
}

type Circuit = Cushion['circuit'];

const all: WeakMap<Datasource, WeakMap<Circuit, Listening>> = new WeakMap();

/** Listens for one client more; returns how to stop for that one. */
export function listen(datasource: Datasource, { circuit }: Cushion): () => void {
  let ofSource = all.get(datasource);
  if (ofSource === undefined) {
    ofSource = new WeakMap();
    all.set(datasource, ofSource);
  }
  let listening = ofSource.get(circuit);
  if (listening === undefined) {
    const stop = circuit.onChange((state) => changed(datasource, circuit, state));
    listening = { clients: 0, stop };
    ofSource.set(circuit, listening);
  }
  const mine = listening;
  mine.clients += 1;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    mine.clients -= 1;
    if (mine.clients > 0) return;
    mine.stop();
    ofSource.delete(circuit);
  };
}

function changed(datasource: Datasource, circuit: Circuit, state: CushionState): void {
  look(datasource);
  for (const { room, cushion } of datasource.members) {
    if (cushion?.circuit !== circuit) continue;
    if (state === 'open' || state === 'isolated') {
      room.callBack(() => calledOff(datasource, circuit));
    } else if (state === 'closed') room.reassure();
  }
}

/** For those who wait for a connection when the circuit opens: they wait at the cushion instead, as far as they may. */
function calledOff({ name }: Datasource, { retryAfter }: Circuit): CircuitOpenError {
  const message = `the cushion (circuit breaker) of ${name} opened while this waited for a connection: nothing was sent`;
  return new CircuitOpenError(name, retryAfter, message);
}
