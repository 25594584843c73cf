import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Context } from 'hono';
import { z } from 'zod';
import { requestHash } from '../guard/request-hash.ts';
import { SagaStateKey, SagaStep, SagaType, workflowId } from '../saga/state.ts';
import { plainText } from '../saga/text.ts';
import { claimSaga } from '../services/registry/claim-saga.ts';
import { sagaInputs, sagaTaskQueue } from '../workflows/contracts.ts';
import { readJson } from './body.ts';
import { invalid, Problem } from './problem.ts';
import { linksOf } from './saga-links.ts';
import { askRegistry, type Services } from './services.ts';
import { askTemporal } from './temporal.ts';

/** As long as accounts do not exist, everybody is the same caller. */
export const caller = 'admin';

const keySchema = plainText(255);

/** `POST /sagas/:type`: the same key and body give the same saga and the same answer, however often they come. */
export const startSaga = (services: Services) =>
  async function startSaga(c: Context) {
    const type = c.req.param('type') ?? '';
    const schema = inputOf(type);
    const input = z.encode(schema, await readJson(c, schema));
    const key = readKey(c);
    const request = { type, caller, key, bodyHash: requestHash(input) };
    const sagaId = await askRegistry(() => claimSaga(services.registry, request));
    if (!sagaId)
      throw new Problem(
        422,
        'this Idempotency-Key was used for another request: take a new key, or resend the same body',
      );
    await startWorkflow(services, type, sagaId, input);
    const links = linksOf(services, type, sagaId);
    return c.json({ saga_id: sagaId, type, state: 'running', links }, 202, { location: links.self });
  };

function inputOf(type: string): z.ZodType {
  const schema = Object.entries(sagaInputs).find(([name]) => name === type)?.[1];
  if (schema) return schema;
  throw new Problem(404, `there is no saga type ${type}: choose of ${Object.keys(sagaInputs).join(', ')}`);
}

function readKey(c: Context): string | null {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return null;
  const parsed = keySchema.safeParse(key);
  if (parsed.success) return parsed.data;
  throw invalid(
    new z.ZodError(parsed.error.issues.map((issue) => ({ ...issue, path: ['Idempotency-Key'] }))),
  );
}

/** A saga that runs already is a success: an earlier request with this key came this far. */
async function startWorkflow({ temporal }: Services, type: string, sagaId: string, input: unknown) {
  try {
    await askTemporal(temporal, () =>
      temporal.workflow.start(type, {
        workflowId: workflowId(type, sagaId),
        taskQueue: sagaTaskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        typedSearchAttributes: [
          { key: SagaType, value: type },
          { key: SagaStateKey, value: 'running' },
          { key: SagaStep, value: '' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
