/** The bench: Carom, its peers and nothing at all, side by side in one process. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { weighAdapters } from './adapters.js';
import { baselineOf, keep, kept } from './baseline.js';
import { prepareChildren } from './children.js';
import { figuresOf } from './figures.js';
import { type Baseline, regressions, remarks, type Worse } from './gate.js';
import { caromSizes, measureLibraries } from './libraries.js';
import { type Effort, measure } from './measure.js';
import { type BenchOptions, readOptions, usage } from './options.js';
import { grossMisses } from './reach.js';
import { type Results, report, weightTable } from './report.js';
import { weights } from './weight.js';

const full: Effort = { processes: 5, rounds: 21, byteProcesses: 3, peers: 'all' };
const quick: Effort = { processes: 2, rounds: 7, byteProcesses: 1, peers: 'times' };
const careful: Effort = { processes: 1, rounds: 1, byteProcesses: 5, peers: 'none' };
const exact: Effort = { processes: 1, rounds: 15, byteProcesses: 1, peers: 'none' };

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function writeJson(file: string | undefined, value: unknown): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

async function compare({ core, json, ...options }: BenchOptions): Promise<void> {
  const findings = measure(core, options.quick ? quick : full);
  const results: Results = {
    node: `Node ${process.version}`,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? process.arch}`,
    date: new Date().toISOString(),
    figures: figuresOf(findings),
    libraries: await measureLibraries(core, options.quick ? 3 : 15),
    skipped: findings.skipped,
  };
  writeJson(json, { ...results, findings });
  say(report(results));
}

async function save({ core, json }: BenchOptions): Promise<void> {
  const { now, skipped } = await measureExact(core, careful);
  for (const { row, why } of skipped) say(`not measured: ${row}: ${why}`);
  writeJson(json, now);
  keep(now);
  say(`${Object.keys(now.metrics).length} metrics kept`);
}

/** Whether nothing got worse. What is worse is measured again: noise does not come back. */
async function gate({ core, json }: BenchOptions): Promise<boolean> {
  const baseline = kept();
  let worse: readonly Worse[] = [];
  for (let tries = 1; tries <= 3; tries++) {
    const { now, figures } = await measureExact(core, exact);
    const found = [...regressions(baseline, now), ...grossMisses(figures)];
    worse =
      tries === 1 ? found : found.filter(({ name }) => worse.some((one) => one.name === name));
    if (tries === 1) for (const line of remarks(baseline, now)) say(line);
    if (tries === 1) writeJson(json, { ...now, figures });
    if (worse.length === 0) break;
  }
  for (const { name, why } of worse) say(`WORSE: ${name} ${why}`);
  say(`${Object.keys(baseline.metrics).length} metrics compared, ${worse.length} worse`);
  return worse.length === 0;
}

async function measureExact(
  core: string,
  effort: Effort,
): Promise<Pick<Results, 'figures' | 'skipped'> & { readonly now: Baseline }> {
  const findings = measure(core, effort);
  const figures = figuresOf(findings);
  const now = baselineOf(figures, await caromSizes(core), await weighAdapters());
  return { figures, skipped: findings.skipped, now };
}

const options = readOptions(process.argv.slice(2));
if (options.help) say(usage);
else if (options.weigh) say(weightTable(await weights()));
else {
  await prepareChildren();
  if (options.save) await save(options);
  if (options.gate) process.exitCode = (await gate(options)) ? 0 : 1;
  if (!options.save && !options.gate) await compare(options);
}
