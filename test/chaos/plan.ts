import { faker } from '@faker-js/faker/locale/en';

interface Kill {
  /** The process. */
  name: string;
  /** It comes when the services have done so many steps and compensations more than at the last one, … */
  more: number;
  /** … or so many in all, which the purchases sent so far always come to, … */
  atMost: number;
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
  /** How many pens there are: half of those that are wanted. */
  pieces: number;
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
  const pens = (sent: number) => baskets.slice(0, sent).filter((basket) => basket === 'pen').length;
  const pieces = Math.floor(pens(purchases) / 2);
  // Less than it is: a pen that is bought takes five steps.
  const stepsOf = (sent: number) => 2 * sent + 2 * Math.min(pens(sent), pieces);
  const kills = victims.slice(0, count).map((name, index) => ({
    name,
    more: faker.number.int({ min: 1, max: Math.ceil((stepsOf(purchases) / count) * 1.5) }),
    atMost: stepsOf(first + index * burst),
    burst,
    // The first time that the API is killed, all of a burst must be sent again.
    answers: index === victims.indexOf('api') ? 0 : faker.number.int({ min: 0, max: Math.floor(burst / 2) }),
  }));
  return { baskets, first, kills, pieces };
}
