import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Log, step } from '../../scripts/stack/progress.ts';
import { workflowId } from '../../src/saga/state.ts';
import { describeMachine, loadNow } from '../machine.ts';
import { shuffled } from '../random.ts';
import type { Placement } from '../servers/api.ts';
import { takePlace } from '../stack.ts';
import { commitOf, versionsOf } from '../versions.ts';
import { fill, originations, untilRelayed } from './fill.ts';
import { type Ground, startGround } from './ground.ts';
import { cpuMs, memory, usages } from './processes.ts';
import { measureReads } from './reads.ts';
import { growthReport } from './report.ts';
import type { GrowthResults } from './results.ts';
import { growth, measureSizes } from './sizes.ts';
import { restart, wakeAll } from './wake.ts';
import { measureThroughput } from './workers.ts';

interface Options {
  sagas: number;
  placement: Placement;
  json: boolean;
  out: string;
  log: Log;
  /** Receives the cleanup for an interrupt. */
  onPlace(leave: () => Promise<void>): void;
}

/** With fewer sagas than this, nothing is quoted, so each measurement is short. */
const aTrial = 1_000;

export async function runGrowth({ sagas, placement, json, out, log, onPlace }: Options): Promise<void> {
  const before = loadNow();
  const place = await takePlace(log);
  onPlace(place.leave);
  try {
    const { ground, servers } = await step(log, 'Stack', 'waiting until its worker works', () =>
      startGround(place, placement, log),
    );
    const measured = await measure(ground, sagas);
    const results: GrowthResults = {
      at: new Date().toISOString(),
      commit: commitOf('HEAD'),
      machine: describeMachine({ before, after: loadNow() }),
      versions: { ...versionsOf([]), ...servers },
      sagas,
      placement,
      ...measured,
    };
    console.log(`\n${growthReport(results)}`);
    writeFileSync(join(out, 'growth.json'), `${JSON.stringify(results, null, 2)}\n`);
    console.log(`\nThe same as JSON: ${join(out, 'growth.json')}`);
    if (json) console.log(JSON.stringify(results));
    await ground.temporal.connection.close();
  } finally {
    await place.leave();
  }
}

async function measure(ground: Ground, sagas: number) {
  const { place, log } = ground;
  const trial = sagas < aTrial;
  const [sizesBefore, before] = [await measureSizes(place), usages(place)];
  const { ids, ...filled } = await step(log, 'Fill', `starting ${sagas} sagas that will wait`, () =>
    fill(ground, sagas),
  );
  const full = usages(place);
  await step(log, 'Events', 'waiting until all have been passed on', () => untilRelayed(ground));
  const [sizesAfter, after] = [await measureSizes(place), usages(place)];
  const seconds = trial ? 2 : 20;
  const at_rest = await step(log, 'Rest', `looking on for ${seconds} s`, () => rest(ground, seconds));

  const chosen = shuffled(ids, 1);
  const some = (most: number) => chosen.splice(0, Math.max(2, Math.min(most, Math.floor(sagas / 4))));
  const [read, woken, wokenLater] = [some(50), some(50), some(11)];
  const reads = await step(log, 'Reads', 'asking for pages and sagas', () =>
    measureReads(ground, sagas, read),
  );
  const waiting = await history(ground, read[0]);
  const wake = await step(log, 'Wake', `deciding ${woken.length} sagas`, () => wakeAll(ground, woken));
  const completed = await history(ground, woken[0]);
  const restarted = await step(log, 'Restart', `killing the ${ground.working}, and deciding sagas`, () =>
    restart(ground, wokenLater),
  );
  const ended = await step(log, 'Throughput', 'running sagas with more and more processes', () =>
    endMany(ground, {
      ...(trial ? { rounds: 1, seconds: 2, counts: [1, 2] } : { rounds: 3, seconds: 8, counts: [1, 2, 3] }),
      sagas,
    }),
  );
  return {
    fill: { ...filled, cpu_ms_per_saga: cpuMs(before, full, sagas) },
    memory: memory(before, after, sagas),
    disk: growth(sizesBefore, sizesAfter, sagas),
    history: { waiting, completed },
    at_rest,
    reads,
    wake,
    restart: restarted,
    ...ended,
  };
}

async function rest({ place }: Ground, seconds: number) {
  const before = usages(place);
  await pause(seconds * 1_000);
  return { seconds, cpu_ms_per_second: cpuMs(before, usages(place), seconds) };
}

async function endMany(ground: Ground, plan: Parameters<typeof measureThroughput>[1]) {
  const before = await measureSizes(ground.place);
  const { throughput, sagas } = await measureThroughput(ground, plan);
  await untilRelayed(ground);
  return { throughput, disk_of_ended: { sagas, ...growth(before, await measureSizes(ground.place), sagas) } };
}

async function history({ temporal }: Ground, id = '') {
  const { historyLength, historySize } = await temporal.workflow
    .getHandle(workflowId(originations, id))
    .describe();
  return { events: historyLength, bytes: historySize ?? 0 };
}
