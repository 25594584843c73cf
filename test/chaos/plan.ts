import { faker } from '@faker-js/faker/locale/en';

interface Kill {
  /** The process. */
  name: string;
  /** It comes when the services have done so many steps and compensations, … */
  steps: number;
  /** … when this many purchases more have been sent, … */
  burst: number;
  /** … and so many of those have been answered. */
  answers: number;
}

export interface Plan {
  /** What each purchase buys one of: a pen, or gold that nobody can pay for. */
  baskets: ('pen' | 'gold')[];
  /** So many purchases are sent at the beginning. */
  first: number;
  kills: Kill[];
}

interface Sizes {
  seed: number;
  purchases: number;
  kills: number;
  /** The processes: each is killed as often as the others, give or take one. */
  names: readonly string[];
}

/** All that is left to chance, decided by the seed. */
export function planOf({ seed, purchases, kills: count, names }: Sizes): Plan {
  faker.seed(seed);
  const baskets = Array.from({ length: purchases }, () =>
    faker.datatype.boolean(0.2) ? ('gold' as const) : ('pen' as const),
  );
  const burst = Math.floor((purchases * 2) / 3 / count);
  const first = purchases - burst * count;
  const rounds = Math.ceil(count / names.length);
  const victims = Array.from({ length: rounds }, () => faker.helpers.shuffle(names)).flat();
  const kills = victims.slice(0, count).map((name, index) => {
    // Every purchase takes two steps at least, so this number is always reached.
    const sent = first + index * burst;
    const steps = faker.number.int({ min: sent, max: sent * 2 });
    return { name, steps, burst, answers: faker.number.int({ min: 0, max: Math.floor(burst / 2) }) };
  });
  return { baskets, first, kills };
}
