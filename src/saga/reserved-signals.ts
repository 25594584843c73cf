import type { WorkflowInterceptors } from '@temporalio/workflow';

const reserved = '__temporal_';

/** The SDK fails the workflow task at a signal of a reserved name; renamed, it is one more unknown signal. */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        for (const { signalWorkflow } of input.activation.jobs ?? [])
          if (signalWorkflow?.signalName?.startsWith(reserved))
            signalWorkflow.signalName = `reserved ${signalWorkflow.signalName}`;
        next(input);
      },
    },
  ],
});
