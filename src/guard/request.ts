import type { z } from 'zod';
import { encodedResult, type StepContract } from '../saga/step.ts';
import type { Database } from './database.ts';
import { doStep } from './guard.ts';
import type { Step } from './implement.ts';

/** Runs a step of a request, outside any saga, at most once per `requestId`. Throws like `doStep`. */
export async function runRequest<I extends z.ZodType, R extends z.ZodType>(
  database: Database,
  step: Step<StepContract<I, R, null>>,
  requestId: string,
  input: z.input<I>,
): Promise<z.input<R>> {
  const { contract } = step;
  const call = { saga_id: requestId, step: contract.name, generation: 1, position: 0, input };
  return encodedResult(contract, await doStep(database, step, call));
}
