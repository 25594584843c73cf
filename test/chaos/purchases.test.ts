import { expect, onTestFinished, test } from 'vitest';
import type { WorkerRole } from '../../src/worker/start-workers.ts';
import { auditOf } from '../audit/support.ts';
import { inventoryOf, purchaseStates, standing, stock } from '../support/purchases.ts';
import { startSystem } from '../support/system.ts';
import { buyersAt } from './buyers.ts';
import { stepsDone } from './look.ts';
import { planOf } from './plan.ts';
import { startProcesses } from './processes.ts';
import { rampage } from './rampage.ts';

/**
 * More: `PURCHASES=500 KILLS=40 npm test -- test/chaos/purchases`, some nine minutes. SEED decides all that is left to
 * chance.
 */
const purchases = Number(process.env['PURCHASES'] ?? 30);
const count = Number(process.env['KILLS'] ?? 3);
const seed = Number(process.env['SEED'] ?? 1);

interface Way {
  mode: 'orchestrated' | 'choreographed';
  /** The worker processes, each with what it runs. */
  workers: Record<string, readonly WorkerRole[]>;
}

const ways: Way[] = [
  {
    mode: 'orchestrated',
    workers: { sagas: ['sagas'], services: ['product', 'order', 'payment', 'delivery'] },
  },
  // Who is killed has half of what is to be done in its hands.
  { mode: 'choreographed', workers: { relay: ['relay'], another: ['relay'] } },
];

test.each(ways)(
  'purchases, $mode, while processes are killed again and again: each is made whole or undone, and none is lost',
  async ({ workers, mode }) => {
    console.log(`SEED=${seed} PURCHASES=${purchases} KILLS=${count}`);
    const system = await startSystem({ roles: [] });
    onTestFinished(() => system.end());
    const processes = await startProcesses(system, workers);
    const plan = planOf({ seed, purchases, kills: count, names: processes.names });
    const { pieces } = plan;
    const products = {
      pen: await stock(system, { inventory: pieces }),
      gold: await stock(system, { price: 10_000.01, inventory: purchases }),
    };
    const buyers = await buyersAt(processes.url, mode);
    const { ids, killed } = await rampage(system, { plan, processes, buyers, products });
    const ended = { completed: pieces, compensated: purchases - pieces };
    const timeout = 120_000 + purchases * 500;
    await expect
      .poll(async () => (await purchaseStates(system, purchases)).counts, { interval: 1_000, timeout })
      .toEqual(ended);

    const total = await stepsDone(system);
    const underWay = killed.filter(({ steps }) => steps > 0 && steps < total).map(({ name }) => name);
    console.log(
      `killed ${killed.map(({ name, steps }) => `${name} at ${steps}`).join(', ')} of ${total} steps; resent ${buyers.resent()}`,
    );
    expect(new Set(underWay)).toEqual(new Set(processes.names));
    expect(killed).toHaveLength(count);
    expect(buyers.resent()).toBeGreaterThan(0);

    const { byId } = await purchaseStates(system, purchases + 1);
    expect([...byId.keys()].sort()).toEqual(ids.toSorted());
    const again = plan.baskets.map((basket, n) => buyers.buy(`purchase ${n}`, products[basket]));
    expect(await Promise.all(again)).toEqual(ids);

    const sold = [...byId].flatMap(([id, state]) => (state === 'completed' ? [id] : [])).sort();
    expect(await standing(system)).toEqual({
      orders: sold,
      payments: sold,
      deliveries: sold,
      reserved: pieces,
      cash: pieces * 10_000,
      sales: pieces * -10_000,
    });
    expect(await inventoryOf(system, products.pen)).toBe(0);
    expect(await inventoryOf(system, products.gold)).toBe(purchases);
    const auditing = auditOf(system);
    onTestFinished(async () => void (await auditing.end()));
    expect(await auditing.findings()).toEqual([]);
  },
  240_000 + purchases * 1_000,
);
