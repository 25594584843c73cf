import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { mortgageOrigination } from '../../../src/workflows/mortgage-origination.ts';
import type { OpenEngine } from '../../engine.ts';
import { application } from './application.ts';

const completed = z.object({
  state: z.literal('completed'),
  result: z.object({ outcome: z.literal('granted') }),
});

/** From the POST to its answer, which waits for the saga's end. */
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
      const body = await response.text();
      if (response.status !== 200) throw new Error(`POST answered ${response.status}, not 200: ${body}`);
      completed.parse(JSON.parse(body));
    },
    close: async () => {},
  };
};
