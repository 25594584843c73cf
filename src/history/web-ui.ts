import type { Client } from '@temporalio/client';
import type { SagaName } from '../saga/state.ts';
import { workflowId } from '../saga/state.ts';

/** Where Temporal's Web UI, at `url`, shows a saga. */
export const webUiLink = (url: string, { options }: Client, { type, sagaId }: SagaName) =>
  `${url}/namespaces/${options.namespace}/workflows/${workflowId(type, sagaId)}`;
