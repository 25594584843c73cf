import type { WorkflowInterceptors } from '@temporalio/workflow';

const reserved = '__temporal_';

/** The SDK fails the workflow task at a signal with a reserved name. Renamed, it is an unknown signal. */
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
