import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { z } from 'zod';
import { sagaErrorSchema } from '../../src/saga/errors.ts';
import { sagaStateKey } from '../../src/saga/state.ts';
import type { System } from '../support/system.ts';
import { errorLine } from './view.ts';

/** How Temporal says that a workflow has closed. */
export interface Closing {
  status: string;
  /** The search attribute, as it was last set. */
  state: string | undefined;
  /** Of a failed one. */
  failure?: { type: string; execution: string[]; compensation: string[] };
}

const details = z.tuple([
  z.object({ execution: z.array(sagaErrorSchema), compensation: z.array(sagaErrorSchema) }),
]);

export async function closingOf({ temporal }: System, workflowId: string): Promise<Closing> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const [{ status, typedSearchAttributes }, failure] = await Promise.all([
    handle.describe(),
    handle.result().then(() => undefined, failureOf),
  ]);
  return { status: status.name, state: typedSearchAttributes.get(sagaStateKey), ...(failure && { failure }) };
}

function failureOf(error: unknown): Closing['failure'] {
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure))
    return undefined;
  const { type, details: lists } = error.cause;
  const [{ execution, compensation }] = details.parse(lists);
  return { type: type ?? '', execution: execution.map(errorLine), compensation: compensation.map(errorLine) };
}
