import { CannotUndo, StepError } from '../saga/errors.ts';
import { isConnectionError, isOutage } from './connection-error.ts';
import { NeverEnded } from './due.ts';

/** The part of a step's error that may leave this process. */
export function publicMessage(error: unknown, service: string): string {
  if (error instanceof StepError || error instanceof CannotUndo || error instanceof NeverEnded)
    return error.message;
  if (isConnectionError(error)) return `the ${service} database cannot be reached`;
  if (isOutage(error)) return `the ${service} database is busy`;
  if (error instanceof Error && error.message.startsWith('failpoint ')) return error.message;
  return `an unexpected error in the ${service} service; its log says more`;
}
