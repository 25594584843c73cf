import { ApplicationFailure, type ApplicationFailureOptions } from '@temporalio/common';

/** Without its stack, which would tell everybody where in the code it was made. */
export function failureWithoutStack(options: ApplicationFailureOptions): ApplicationFailure {
  const failure = ApplicationFailure.create(options);
  delete failure.stack;
  return failure;
}
