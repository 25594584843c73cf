import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../scripts/stack/progress.ts';
import { messageOf } from '../src/guard/error-code.ts';
import { againstContenders, checkOut, isCompared } from './against.ts';
import { choose } from './choice.ts';
import { type Contender, contenders, subject } from './contenders.ts';
import type { Durability } from './durability.ts';
import { lackedBy } from './engines/unwind/newer.ts';
import { runGrowth } from './growth/run.ts';
import { leaveOut } from './left-out.ts';
import { describeMachine, loadNow } from './machine.ts';
import { readOptions } from './options.ts';
import { prepareOut } from './out.ts';
import { installPeers } from './peers.ts';
import { runPhases } from './phase.ts';
import { compare } from './ratios.ts';
import { markdownOf } from './report/markdown.ts';
import { oldAndNew } from './report/old-and-new.ts';
import { plotOf } from './report/plot.ts';
import { reportOf } from './report/text.ts';
import type { Results } from './results.ts';
import { obtainCli } from './stack.ts';
import { commitOf, versionsOf } from './versions.ts';

const log: Log = (line) => console.error(line);

/** The limit of a short run, from the start of this process, without shutdown. */
const shortMs = 9 * 60_000;
/** What is left of it at least, once Temporal's CLI is there. */
const leastMs = 5 * 60_000;
const installMs = (short: boolean) => (short ? 2 : 10) * 60_000;

/** Cleanup, for a normal end and for an interrupt. */
const undo: (() => Promise<void>)[] = [];
async function end() {
  for (const each of undo.splice(0).toReversed()) await each();
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // A second signal must not cut off the cleanup: Ctrl-C also makes npm's shell die, which sends SIGTERM.
    if (interrupted.signal.aborted) return;
    interrupted.abort();
    void end().finally(() => process.exit(1));
  });

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  await end();
}

async function main(args: string[]) {
  const namesOf = (some: readonly Contender[]) => some.map(({ name }) => name);
  const options = readOptions(args, namesOf(contenders), namesOf(contenders.filter(isCompared)));
  prepareOut(options.out);
  const onPlace = (leave: () => Promise<void>) => void undo.push(leave);
  if (options.growth) return runGrowth({ ...options, log, onPlace });
  const { against, short } = options;
  const before = loadNow();
  const old = against === undefined ? undefined : await checkOut(against, log, onPlace);
  const all = old ? againstContenders(old.root) : [...contenders];
  const { chosen, leftOut } = choose(all, options);
  for (const what of old ? lackedBy(old.root) : []) leftOut[what] = 'The older version lacks it.';
  if (chosen.some(({ server }) => server === 'temporal' || server?.startsWith('api'))) await obtainCli(log);
  // After a long build of the CLI there is still time for a round.
  const shortUntil = Math.max(performance.timeOrigin + shortMs, Date.now() + leastMs);
  const until = short ? shortUntil : Number.POSITIVE_INFINITY;
  const packages = [...new Set(chosen.flatMap((contender) => contender.packages ?? []))];
  const noPeers = packages.length > 0 ? await installPeers(log, installMs(short)) : undefined;
  if (noPeers !== undefined) leaveOut(leftOut, 'DBOS and Restate', noPeers, log);
  const present = noPeers === undefined ? chosen : chosen.filter((contender) => !contender.packages);

  const durabilities: Durability[] = short || old ? ['fsync'] : ['fsync', 'relaxed'];
  const phases = await runPhases(durabilities, {
    ...options,
    until,
    contenders: present,
    leftOut,
    onPlace,
    signal: interrupted.signal,
    log,
  });
  if (interrupted.signal.aborted) return;
  report(
    {
      at: new Date().toISOString(),
      commit: commitOf('HEAD'),
      against: old?.commit ?? null,
      machine: describeMachine({ before, after: loadNow() }),
      versions: versionsOf(noPeers === undefined ? packages : []),
      phases,
    },
    options,
    // It is behind `plain`, and missing where Temporal's server cannot be built.
    namesOf(chosen.filter(({ name, part }) => part === 'peer' && name !== 'plain-pg')),
  );
}

function report(results: Results, { json, out }: ReturnType<typeof readOptions>, peers: string[]) {
  const [first] = results.phases;
  if (!first?.lines.length)
    throw new Error(`Nothing was measured. Left out: ${JSON.stringify(first?.left_out)}`);
  const comparisons = {
    temporal: compare(first, { subject, peers }),
    'temporal-on-postgres': compare(first, { subject, peers, suffix: '-pg' }),
  };
  const { throughput_vs_best_peer, p50_vs_best_peer, throughput_vs_noop } = comparisons.temporal;
  const ratios = { throughput_vs_best_peer, p50_vs_best_peer, throughput_vs_noop };
  const all = { ratios, comparisons, ...results };
  console.log(`\n${reportOf(results, subject, Object.values(comparisons))}`);
  if (results.against !== null) console.log(`\n${oldAndNew(first.lines)}`);
  writeFileSync(join(out, 'benchmark.json'), `${JSON.stringify(all, null, 2)}\n`);
  const rounds = first.lines[0]?.rounds ?? 0;
  const spread = rounds === 1 ? 'one round' : `whiskers: the least and the most of ${rounds} rounds`;
  const note = `Four steps, everything on disk; ${results.machine.cores} cores; ${spread}`;
  writeFileSync(join(out, 'benchmark.svg'), plotOf(first.lines, note));
  writeFileSync(join(out, 'benchmark.md'), markdownOf(results.phases, subject));
  console.log(`\nThe same as JSON, as a plot and as Markdown: ${out}`);
  if (json) console.log(JSON.stringify(all));
}
