import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import type { Load, Loaded } from './messages.ts';

/** Runs sagas one way for a while, and waits for all of them. */
export async function runLoad(engine: Engine, load: Load): Promise<Loaded> {
  const milliseconds: number[] = [];
  const ids: string[] = [];
  const since = performance.now();
  const isOver = () => ids.length >= load.sagas || performance.now() - since > load.seconds * 1_000;
  /** `intended`: when it was to start, which may be earlier than now. */
  const runOne = async (intended = performance.now()) => {
    const id = randomUUID();
    ids.push(id);
    await engine.run({ id, refused: load.refused });
    milliseconds.push(performance.now() - intended);
  };
  if (load.way.kind === 'at-once') await keepBusy(load.way.atOnce, isOver, runOne);
  else await arrive(load.way, { since, isOver, runOne });
  return { milliseconds, ids, seconds: (performance.now() - since) / 1_000 };
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

/** Sagas come whether or not earlier ones have ended: who is slow is not spared. */
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

/** The same numbers for everyone who has the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
