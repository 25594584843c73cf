import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isSettled, sagaStates } from '../../../src/saga/state.ts';
import { mortgageOrigination } from '../../../src/workflows/mortgage-origination.ts';
import type { OpenEngine } from '../../engine.ts';
import { application } from './application.ts';

const found = z.object({ state: z.enum(sagaStates), links: z.object({ self: z.string() }) });
const completed = z.object({
  state: z.literal('completed'),
  result: z.object({ outcome: z.literal('granted') }),
});

/** Posts an application, and waits until its saga has ended: in the POST, and beyond its limit by reading the saga. */
export const open: OpenEngine = async ({ name, api }) => {
  if (api === undefined) throw new Error(`${name} needs the address of the API`);
  const { type } = mortgageOrigination.definition;
  return {
    async run() {
      const response = await fetch(`${api}/sagas/${type}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          prefer: 'wait=30',
        },
        body: JSON.stringify(application()),
      });
      let saga = await bodyOf(response);
      for (let current = found.parse(saga); !isSettled(current.state); current = found.parse(saga)) {
        await pause(100);
        saga = await bodyOf(await fetch(`${api}${current.links.self}`));
      }
      completed.parse(saga);
    },
    close: async () => {},
  };
};

async function bodyOf(response: Response): Promise<unknown> {
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${body}`);
  return JSON.parse(body);
}
