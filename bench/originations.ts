import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { workflowId } from '../src/saga/state.ts';
import { mortgageOrigination } from '../src/workflows/mortgage-origination.ts';
import { application } from './application.ts';
import type { Stack } from './stack.ts';

const { type } = mortgageOrigination.definition;
const granted = z.object({ outcome: z.literal('granted') });
const started = z.object({ saga_id: z.string() });
const completed = z.object({ state: z.literal('completed'), result: granted });

/** Originations over the HTTP API, each awaited in a way that asks nothing twice. */
export function openOriginations({ url, config: { temporal } }: Pick<Stack, 'url' | 'config'>) {
  const connection = Connection.lazy(temporal.connection);
  const client = new Client({ connection, namespace: temporal.namespace });

  async function post(status: number, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(`${url}/sagas/${type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
      body: JSON.stringify(application()),
    });
    const body = await response.text();
    if (response.status !== status)
      throw new Error(`POST answered ${response.status}, not ${status}: ${body}`);
    return JSON.parse(body);
  }

  return {
    async seenByTemporal() {
      const { saga_id } = started.parse(await post(202));
      granted.parse(await client.workflow.getHandle(workflowId(type, saga_id)).result());
    },
    async answeredToPost() {
      completed.parse(await post(200, { prefer: 'wait=30' }));
    },
    close: () => connection.close(),
  };
}
