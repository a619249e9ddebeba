/** Who takes part in a child process: each contender with a loop of its own. */
import { pathToFileURL } from 'node:url';
import { type Contender, type Loop, loopOf, type Skipped } from '../contender.js';
import { baseContenders } from '../contenders/base.js';
import { type Core, caromContenders } from '../contenders/carom.js';
import { cockatielContenders } from '../contenders/cockatiel.js';
import { floorContenders } from '../contenders/floor.js';
import { mollitiaContenders } from '../contenders/mollitia.js';
import { opossumContenders } from '../contenders/opossum.js';
import { retryContenders } from '../contenders/retries.js';

export interface Runner extends Contender {
  readonly loop: Loop;
}

export interface LineUp {
  readonly runners: readonly Runner[];
  readonly skipped: readonly Skipped[];
}

/** @param core the file of the built package */
export async function lineUp(core: string, withPeers: boolean): Promise<LineUp> {
  const url = pathToFileURL(core).href;
  const [first, second]: readonly Core[] = await Promise.all([
    import(url),
    import(`${url}?second-copy`),
  ]);
  const { contenders, skipped } = caromContenders(first as Core, second as Core);
  const others = withPeers
    ? [
        ...floorContenders(),
        ...(await cockatielContenders()),
        ...opossumContenders(),
        ...(await mollitiaContenders()),
        ...retryContenders(),
      ]
    : [];
  const runners = [...baseContenders(), ...contenders, ...others].map((contender) => ({
    ...contender,
    loop: loopOf(contender),
  }));
  return { runners, skipped };
}
