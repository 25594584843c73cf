import { rehearsal as saga } from '../../src/workflows/rehearsal.ts';
import { nothing, rowsOf } from '../support/originations.ts';
import type { SagaFacts } from './sagas.ts';

export const rehearsal: SagaFacts = {
  steps: saga.definition.steps,
  ways: [
    {
      name: 'a round of visits',
      steps: ['visit-customer', 'visit-mortgage', 'visit-loan'],
      input: async () => ({}),
      result: {},
    },
  ],
  undoNeeds: {},
  left: () => nothing,
  rows: rowsOf,
};
