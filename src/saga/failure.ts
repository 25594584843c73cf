import { ApplicationFailure, type ApplicationFailureOptions } from '@temporalio/common';

/** Without its stack, which would expose the code. */
export function failureWithoutStack(options: ApplicationFailureOptions): ApplicationFailure {
  const failure = ApplicationFailure.create(options);
  delete failure.stack;
  return failure;
}
