import { isUnavailable } from '../guard/connection-error.ts';
import { within } from '../guard/within.ts';
import { StepError } from '../saga/errors.ts';
import { stepProblem, unavailable } from './http/problem.ts';

/** Longer than a transaction can wait and run, so that a 503 leaves as few outcomes unknown as possible. */
export const writeTimeoutMs = 10_000;

/** Throws the 503 on an outage or a timeout, and a service's refusal as a problem. */
export async function askDatabase<T>(call: () => Promise<T>, timeoutMs = 4_000): Promise<T> {
  try {
    return await within(timeoutMs, call(), () => unavailable('the database'));
  } catch (error) {
    if (error instanceof StepError) throw stepProblem(error);
    throw isUnavailable(error) ? unavailable('the database') : error;
  }
}

export const writeDatabase = <T>(call: () => Promise<T>): Promise<T> => askDatabase(call, writeTimeoutMs);
