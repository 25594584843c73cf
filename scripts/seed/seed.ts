import { type Databases, enter, enterCustomer } from './enter.ts';
import { planCustomer } from './plan.ts';
import { whyNot } from './reason.ts';

/** What is there, whether this run wrote it or an earlier one. */
export interface Progress {
  customers: number;
  loans: number;
  payments: number;
}

interface Seeding {
  databases: Databases;
  customers: number;
  seed: number;
  /** The day from which dates are counted back; undefined: the day on which this seed was first used. */
  today?: Date | undefined;
  /** Once it is aborted, the customers under way are finished and no other is begun. */
  signal?: AbortSignal;
  report?: (progress: Progress) => void;
}

/** Each has at most one transaction open. */
const atOnce = 20;

/** Writes the customers 1 to `customers` of a seed. Throws an error that names the customer at which it stopped. */
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

/** Of the first customer's writing: so a run that is finished tomorrow writes what it would have written today. */
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
