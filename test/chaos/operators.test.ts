import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { auditOf } from '../audit/support.ts';
import { type System, startSystem } from '../support/system.ts';
// A worker that runs stretches has the contracts of this process, not of the workflows' bundle.
import '../support/workflows/quick-steps.ts';
import { perform } from './deeds.ts';
import { settle } from './settle.ts';
import { type Tale, talesOf } from './tales.ts';
import { expectWhole } from './whole.ts';

/** More: `SAGAS=200 SEED=2 npm test -- test/chaos/operators`. SEED decides all that is left to chance but the moments. */
const count = Number(process.env['SAGAS'] ?? 12);
const seed = Number(process.env['SEED'] ?? 1);
const patience = { timeout: 120_000, interval: 500 };

test.each(['apart', 'together'])(
  'sagas, $0, that operators do random things to: each is whole or undone in the end, and shown as it is',
  async (placement) => {
    console.log(`SEED=${seed} SAGAS=${count}`);
    const placed = placement === 'together';
    const system = await startSystem({ workflows: 'quick', placed, sweepLocksEveryMs: 500 });
    onTestFinished(() => system.end());
    const tales = talesOf(seed, count);
    system.config.failpoints.push(...tales.flatMap(({ faults }) => faults));

    const inputs = await Promise.all(tales.map(({ way }) => way.input(system)));
    await Promise.all(tales.map((tale, n) => play(system, tale, inputs[n] ?? {})));
    system.config.failpoints.length = 0;

    for (const [n, tale] of tales.entries()) {
      await expect
        .poll(() => settle(system, tale), { ...patience, message: JSON.stringify(tale) })
        .toBe(true);
      await vi.waitFor(() => expectWhole(system, tale, inputs[n] ?? {}), patience);
    }
    const auditing = auditOf(system);
    onTestFinished(async () => void (await auditing.end()));
    expect(await auditing.findings()).toEqual([]);
  },
  300_000 + count * 5_000,
);

async function play(system: System, tale: Tale, input: object) {
  const { saga, id, todo } = tale;
  const start = () => system.call('POST', '/start', { saga_id: id, type: saga, ...input });
  // A client sends it again while something is busy.
  await vi.waitFor(async () => expect(await start()).toMatchObject({ status: 202 }), patience);
  for (const { deed, afterMs, luck } of todo) {
    await pause(afterMs);
    await perform(system, tale, deed, luck);
  }
}
