import { type Databases, enter, enterCustomer } from './enter.ts';
import { planCustomer } from './plan.ts';
import { whyNot } from './reason.ts';

/** What exists, also from earlier runs. */
export interface Progress {
  customers: number;
  loans: number;
  payments: number;
}

interface Seeding {
  databases: Databases;
  customers: number;
  seed: number;
  /** The day from which dates are counted back; by default the day on which this seed was first used. */
  today?: Date | undefined;
  /** When it aborts, customers in progress are finished and no others begin. */
  signal?: AbortSignal;
  report?: (progress: Progress) => void;
}

/** Customers in progress. Each has at most one open transaction. */
const atOnce = 20;

/** Writes the customers 1 to `customers` of a seed. An error names the customer at which it stopped. */
export async function seed({
  databases,
  customers,
  seed,
  today,
  signal,
  report = () => {},
}: Seeding): Promise<Progress> {
  const progress: Progress = { customers: 0, loans: 0, payments: 0 };
  if (customers === 0) return progress;
  const day = today ?? (await naming(1, () => firstDay(databases, seed)));
  let last = 0;
  let failure: unknown;

  async function work() {
    while (last < customers && failure === undefined && !signal?.aborted) {
      const index = ++last;
      const { loans, payments } = await naming(index, () => enter(databases, { seed, index }, day));
      progress.customers += 1;
      progress.loans += loans;
      progress.payments += payments;
      report({ ...progress });
    }
  }

  const workers = Array.from({ length: Math.min(atOnce, customers) }, () =>
    work().catch((error: unknown) => {
      failure ??= error;
    }),
  );
  await Promise.all(workers);
  if (failure !== undefined) throw failure;
  return progress;
}

/** The day on which the first customer was written, so that a run that is continued tomorrow writes the same data. */
async function firstDay(databases: Databases, seed: number): Promise<Date> {
  const first = { seed, index: 1 };
  const { created_at } = await enterCustomer(databases, first, planCustomer(first, new Date(0)));
  return new Date(`${created_at.slice(0, 10)}T00:00:00Z`);
}

async function naming<T>(index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`customer ${index}: ${whyNot(error)}`, { cause: error });
  }
}
