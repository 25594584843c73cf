import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import type { Load, Loaded } from './messages.ts';
import { randomOf } from './random.ts';
import { perSecond, type Span } from './statistics.ts';

/** Applies one load, and waits for all its sagas. */
export async function runLoad(engine: Engine, load: Load): Promise<Loaded> {
  const spans: Span[] = [];
  const ids: string[] = [];
  let lastStart = 0;
  const since = performance.now();
  const isOver = () => ids.length >= load.sagas || performance.now() - since > load.seconds * 1_000;
  /** `intended` is the scheduled start, which may be earlier than now. */
  const runOne = async (intended = performance.now()) => {
    const id = randomUUID();
    ids.push(id);
    const start = intended - since;
    lastStart = start;
    await engine.run({ id, refused: load.refused });
    spans.push({ start, end: performance.now() - since });
  };
  if (load.way.kind === 'at-once') await keepBusy(load.way.atOnce, isOver, runOne);
  else await arrive(load.way, { since, isOver, runOne });
  const over = ids.length < load.sagas ? load.seconds * 1_000 : Math.max(1, lastStart);
  return { ids, milliseconds: spans.map(({ start, end }) => end - start), perSecond: perSecond(spans, over) };
}

async function keepBusy(atOnce: number, isOver: () => boolean, runOne: () => Promise<void>) {
  const customer = async () => {
    while (!isOver()) await runOne();
  };
  await Promise.all(Array.from({ length: atOnce }, customer));
}

interface Arriving {
  since: number;
  isOver(): boolean;
  runOne(intended: number): Promise<void>;
}

/** An open model: sagas arrive whether or not earlier ones have ended. */
async function arrive(
  { perSecond, seed }: { perSecond: number; seed: number },
  { since, isOver, runOne }: Arriving,
) {
  const random = randomOf(seed);
  const running: Promise<void>[] = [];
  let failure: unknown;
  for (let intended = since; !isOver(); intended -= (Math.log(1 - random()) / perSecond) * 1_000) {
    const early = intended - performance.now();
    if (early > 0) await pause(early);
    if (failure !== undefined) break;
    running.push(
      runOne(intended).catch((error: unknown) => {
        failure ??= error;
      }),
    );
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
}
