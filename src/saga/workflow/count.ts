import { metricMeter } from '@temporalio/workflow';
import type { SagaState } from '../state.ts';

/** A replay does not count again. */
const count = (name: string, description: string, labels: Record<string, string>) =>
  metricMeter.createCounter(name, undefined, description).add(1, labels);

export const countStarted = (type: string) => count('unwind_sagas_started', 'Sagas started', { type });

export const countEnded = (type: string, outcome: SagaState) =>
  count('unwind_sagas_ended', 'Sagas ended, by their final state', { type, outcome });
