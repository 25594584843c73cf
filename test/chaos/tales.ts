import { faker } from '@faker-js/faker/locale/en';
import type { Failpoint } from '../../src/guard/failpoints.ts';
import { contractsOf, type SagaName, sagaNames, sagas, type Way } from '../matrix/sagas.ts';
import { deeds } from './deeds.ts';

/** A saga, what fails in it, and what is done to it. */
export interface Tale {
  saga: SagaName;
  way: Way;
  id: string;
  faults: Failpoint[];
  todo: { deed: string; afterMs: number; luck: number }[];
}

/** All that is left to chance but the moments, decided by the seed. */
export function talesOf(seed: number, count: number): Tale[] {
  faker.seed(seed);
  return Array.from({ length: count }, () => {
    const saga = faker.helpers.arrayElement(sagaNames);
    const way = faker.helpers.arrayElement(sagas[saga].ways);
    const id = faker.string.uuid();
    const faults = faker.datatype.boolean() ? [faultOf(saga, way, id)] : [];
    const todo = Array.from({ length: faker.number.int({ min: 2, max: 8 }) }, () => ({
      deed: faker.helpers.arrayElement(Object.keys(deeds)),
      afterMs: faker.number.int(700),
      luck: faker.number.float(),
    }));
    return { saga, way, id, faults, todo };
  });
}

/** Until all is mended: a step or its compensation fails, is refused, or does not answer. */
function faultOf(saga: SagaName, way: Way, id: string): Failpoint {
  const { name, compensation } = faker.helpers.arrayElement(contractsOf(saga, way));
  const op = compensation === null ? 'do' : faker.helpers.arrayElement(['do', 'undo'] as const);
  const at = faker.helpers.arrayElement(['before', 'after_commit'] as const);
  const refusals = op === 'do' && at === 'before' ? (['refuse'] as const) : [];
  return { saga: id, step: name, op, at, do: faker.helpers.arrayElement(['error', 'hang', ...refusals]) };
}
