/** The live view: one picture of the demo, drawn again ten times a second. */
import { createLogUpdate } from 'log-update';
import { type FaultKind, faultText } from '../faults/kinds.js';
import { type StrategyName, strategies, strategyTexts } from '../strategies.js';
import type { RunResult } from '../tally/result.js';
import { progressBar, sparkline } from './bars.js';
import type { Colour, Paint } from './paint.js';
import { count, type Moment, plural, type View } from './view.js';

const nameWidth = 18;
const barWidth = 20;
/** Faults are over in a moment; their names stay long enough to be read, in ms. */
const faultShown = 2_500;

const circuitColours: Readonly<Record<string, Colour>> = {
  closed: 'green',
  open: 'red',
  'half-open': 'yellow',
  isolated: 'red',
};

/** Everything that the picture shows. */
interface Scene {
  readonly title: string;
  preparing: string | undefined;
  moment: Moment | undefined;
  fault: { readonly kind: FaultKind; readonly at: number } | undefined;
  readonly results: Map<StrategyName, RunResult>;
}

function strategyLine({ results, moment }: Scene, strategy: StrategyName, paint: Paint): string {
  const name = strategyTexts[strategy].title.padEnd(nameWidth);
  const done = results.get(strategy);
  if (done !== undefined) {
    const { shots, failed, unknown, duplicates, lost } = done.numbers;
    const wrong = duplicates + lost;
    const said = `${plural(duplicates, 'duplicate')}, ${count(lost)} lost`;
    return (
      `${name} ${progressBar(1, barWidth)}  ${count(shots)} shots, ${count(failed)} failed, ` +
      `${count(unknown)} unknown, ${paint(wrong === 0 ? 'green' : 'red', said)}`
    );
  }
  if (moment?.strategy !== strategy)
    return paint('dim', `${name} ${progressBar(0, barWidth)}  waiting`);
  const { elapsed, runMs, tally } = moment;
  const clock = `${(elapsed / 1_000).toFixed(0)} of ${(runMs / 1_000).toFixed(0)} s`;
  const seconds = elapsed >= runMs ? 'waiting for what is still on its way' : clock;
  return (
    `${paint('bold', name)} ${progressBar(elapsed / runMs, barWidth)}  ${seconds}, ` +
    `${count(tally.shots)} shots, ${count(tally.failedCount)} failed, ${count(tally.unknownCount)} unknown`
  );
}

function loadLines(moment: Moment, width: number, paint: Paint): readonly string[] {
  const { tally, elapsed, inFlight, decisions } = moment;
  // The last stretch is not over yet, and would look like a drop.
  const succeeded = tally.succeededAt.counts.slice(0, -1);
  const errors = tally.errorsAt.counts.slice(0, succeeded.length);
  while (errors.length < succeeded.length) errors.push(0);
  const highest = Math.max(1, ...succeeded.slice(-width), ...errors.slice(-width));
  const line = (name: string, colour: Colour, values: readonly number[], rate: number): string =>
    `${name.padEnd(nameWidth)} ${paint(colour, sparkline(values, width, highest))} ${rate}/s`;
  const state = decisions?.circuit ?? 'none';
  const parked = decisions === undefined ? '' : `, ${count(decisions.waiting)} parked`;
  return [
    line('done', 'green', succeeded, tally.succeededAt.rate(elapsed)),
    line('errors', 'red', errors, tally.errorsAt.rate(elapsed)),
    `${'circuit'.padEnd(nameWidth)} ${paint(circuitColours[state] ?? 'dim', state)}${parked}; ` +
      `${count(inFlight)} in flight; ${plural(decisions?.retries ?? tally.retries, 'retry', 'retries')}`,
  ];
}

function faultLine({ fault, moment }: Scene, paint: Paint): string {
  const recent =
    fault !== undefined && moment !== undefined && moment.elapsed - fault.at < faultShown;
  const shown = recent
    ? paint('yellow', `⚡ ${faultText(fault.kind).title}`)
    : paint('dim', 'none');
  return `${'fault'.padEnd(nameWidth)} ${shown}`;
}

function timeLeft({ results, moment }: Scene): string {
  if (moment === undefined) return '';
  const { runMs, elapsed, strategy } = moment;
  const waiting = strategies.length - results.size - (results.has(strategy) ? 0 : 1);
  const left = waiting * runMs + (results.has(strategy) ? 0 : Math.max(0, runMs - elapsed));
  return `about ${Math.ceil(left / 1_000)} s of load left`;
}

function picture(scene: Scene, columns: number, paint: Paint): string {
  const { moment, preparing } = scene;
  const width = Math.max(10, Math.min(60, columns - nameWidth - 10));
  const lines = [
    paint('bold', scene.title),
    '',
    ...strategies.map((strategy) => strategyLine(scene, strategy, paint)),
    '',
  ];
  if (preparing !== undefined) lines.push(preparing);
  else if (moment !== undefined)
    lines.push(...loadLines(moment, width, paint), faultLine(scene, paint));
  lines.push('', paint('dim', timeLeft(scene)));
  return lines.join('\n');
}

/** Makes the view on a terminal. */
export function liveView(terminal: NodeJS.WriteStream, title: string, paint: Paint): View {
  const log = createLogUpdate(terminal);
  const scene: Scene = {
    title,
    preparing: undefined,
    moment: undefined,
    fault: undefined,
    results: new Map(),
  };
  const draw = (): void => log(picture(scene, terminal.columns ?? 80, paint));
  return {
    preparing(what) {
      scene.preparing = what;
      draw();
    },
    fault(_strategy, at, kind) {
      scene.fault = { at, kind };
    },
    tick(moment) {
      scene.preparing = undefined;
      scene.moment = moment;
      draw();
    },
    end(result) {
      scene.results.set(result.strategy, result);
      scene.fault = undefined;
      draw();
    },
    close: () => log.done(),
  };
}
