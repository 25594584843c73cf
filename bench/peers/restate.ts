import './promise-with-resolvers.ts';
import { createServer } from 'node:http2';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { freePort } from '../../scripts/stack/ports.ts';
import { openEffects } from '../effects.ts';
import type { OpenEngine } from '../engine.ts';
import { expectEnd, type FourSteps, isRefused, refusal, type StepName, stepNames } from '../four-steps.ts';

/** A Restate service, called over the ingress by the process that serves it. */
export const open: OpenEngine = async ({ name, databaseUrl, restate: server }) => {
  if (!server) throw new Error(`${name} needs a Restate server`);
  const effects = openEffects(databaseUrl);

  const saga = restate.service({
    name: 'fourSteps',
    handlers: {
      async run(context: restate.Context, saga: FourSteps): Promise<'granted' | 'compensated'> {
        const done: StepName[] = [];
        try {
          for (const step of stepNames) {
            await context.run(step, async () => {
              if (isRefused(saga, step)) throw new restate.TerminalError(refusal);
              await effects.apply(saga.id, step);
            });
            done.unshift(step);
          }
          return 'granted';
        } catch (error) {
          if (!(error instanceof restate.TerminalError)) throw error;
          for (const step of done) await context.run(`undo ${step}`, () => effects.reverse(saga.id, step));
          return 'compensated';
        }
      },
    },
  });

  const port = await freePort();
  const endpoint = createServer(restate.createEndpointHandler({ services: [saga], logger: () => {} }));
  await new Promise<void>((resolve) => endpoint.listen(port, '127.0.0.1', resolve));
  await register(server.admin, `http://127.0.0.1:${port}`);
  const client = clients.connect({ url: server.ingress }).serviceClient(saga);
  return {
    async run(saga) {
      const ended = await client.run(saga, clients.rpc.opts({ idempotencyKey: saga.id }));
      expectEnd(saga, ended);
    },
    async close() {
      // The server keeps its connections open; the exit of the process closes them.
      endpoint.close();
      await effects.end();
    },
  };
};

async function register(admin: string, uri: string) {
  const response = await fetch(`${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri }),
  });
  if (!response.ok)
    throw new Error(`Restate refused the service: ${response.status} ${await response.text()}`);
}
