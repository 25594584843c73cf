import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

/** The codes of gRPC, also where the client has wrapped the error. */
export function hasCode(error: unknown, codes: number[]): boolean {
  if (!(error instanceof Error)) return false;
  return isGrpcServiceError(error) ? codes.includes(error.code) : hasCode(error.cause, codes);
}

const notFound = 5;

/** What `call` answers; undefined when Temporal knows no such workflow. */
export async function orGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || hasCode(error, [notFound])) return undefined;
    throw error;
  }
}
