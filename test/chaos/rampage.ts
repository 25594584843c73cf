import { expect } from 'vitest';
import type { System } from '../support/system.ts';
import type { buyersAt } from './buyers.ts';
import { stepsDone } from './look.ts';
import type { Plan } from './plan.ts';
import type { startProcesses } from './processes.ts';

interface Given {
  plan: Plan;
  processes: Awaited<ReturnType<typeof startProcesses>>;
  buyers: Awaited<ReturnType<typeof buyersAt>>;
  /** The ids of what the baskets name. */
  products: Record<Plan['baskets'][number], string>;
}

/** Sends all purchases and kills processes meanwhile. Answers the purchases' ids, and after how many steps who was killed. */
export async function rampage(system: System, { plan, processes, buyers, products }: Given) {
  const sent: Promise<string>[] = [];
  const send = (count: number) => {
    const baskets = plan.baskets.slice(sent.length, sent.length + count);
    const burst = baskets.map((basket, n) => buyers.buy(`purchase ${sent.length + n}`, products[basket]));
    sent.push(...burst);
    return burst;
  };

  send(plan.first);
  const killed: { name: string; steps: number }[] = [];
  for (const { name, more, atMost, burst, answers } of plan.kills) {
    const steps = Math.min((killed.at(-1)?.steps ?? 0) + more, atMost);
    await expect
      .poll(() => stepsDone(system), { interval: 20, timeout: 120_000 })
      .toBeGreaterThanOrEqual(steps);
    await processes.untilUp(name);
    await answered(send(burst), answers);
    await processes.kill(name);
    killed.push({ name, steps: await stepsDone(system) });
  }
  return { ids: await Promise.all(sent), killed };
}

/** Settles when so many have been answered. */
function answered(burst: Promise<string>[], enough: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0;
    if (enough === 0) resolve();
    for (const one of burst)
      one.then(() => {
        count += 1;
        if (count >= enough) resolve();
      }, reject);
  });
}
