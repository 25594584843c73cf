import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';

export const grpcCode = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unavailable: 14,
} as const;

/** The error, or one that it wraps, if that is a gRPC error. */
function grpcError(error: unknown) {
  let cause = error;
  while (cause instanceof Error && !isGrpcServiceError(cause)) cause = cause.cause;
  return isGrpcServiceError(cause) ? cause : undefined;
}

/** Whether the error, or one that it wraps, is a gRPC error with one of these codes. */
export function hasGrpcCode(error: unknown, ...codes: (keyof typeof grpcCode)[]): boolean {
  const code = grpcError(error)?.code;
  return codes.some((name) => grpcCode[name] === code);
}

/** True if Temporal is down or does not respond. */
export const isTemporalDown = (error: unknown): boolean =>
  hasGrpcCode(error, 'unavailable', 'deadlineExceeded', 'cancelled');

/** The message, if the error is, or wraps, a gRPC error. Of an Update-with-Start `details` lacks it. */
export const grpcMessage = (error: unknown): string => grpcError(error)?.message ?? '';

/** True if Temporal knows no such workflow, or it has closed. The SDK does not wrap the error of an Update-with-Start. */
export const isGone = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || hasGrpcCode(error, 'notFound');

/** The result of the call; undefined when Temporal knows no such workflow. */
export async function orGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** What `start` resolves to; undefined when that workflow was started before. */
export async function orAlreadyStarted<T>(start: Promise<T>): Promise<T | undefined> {
  try {
    return await start;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}
