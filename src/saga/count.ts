import { metricMeter } from '@temporalio/workflow';
import type { SagaState } from './state.ts';

/** Nothing is counted again when a history is replayed. */
const count = (name: string, description: string, labels: Record<string, string>) =>
  metricMeter.createCounter(name, undefined, description).add(1, labels);

export const countStarted = (type: string) => count('unwind_sagas_started', 'Sagas started', { type });

export const countEnded = (type: string, outcome: SagaState) =>
  count('unwind_sagas_ended', 'Sagas ended, by their final state', { type, outcome });
