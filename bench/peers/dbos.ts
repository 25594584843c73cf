import { DBOS } from '@dbos-inc/dbos-sdk';
import { Pool } from 'pg';
import { connections, openEffects } from '../effects.ts';
import type { OpenEngine } from '../engine.ts';
import { expectEnd, type FourSteps, isRefused, refusal, type StepName, stepNames } from '../four-steps.ts';

class Refused extends Error {
  override name = 'Refused';
}

const retries = {
  retriesAllowed: true,
  maxAttempts: 20,
  intervalSeconds: 0.2,
  shouldRetry: (error: unknown) => !(error instanceof Refused),
};

/** A workflow that records each step in Postgres, in the process of the application. */
export const open: OpenEngine = async ({ databaseUrl }) => {
  const effects = openEffects(databaseUrl);

  async function fourSteps(saga: FourSteps): Promise<'granted' | 'compensated'> {
    const done: StepName[] = [];
    try {
      for (const step of stepNames) {
        const apply = async () => {
          if (isRefused(saga, step)) throw new Refused(refusal);
          await effects.apply(saga.id, step);
        };
        await DBOS.runStep(apply, { name: step, ...retries });
        done.unshift(step);
      }
      return 'granted';
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'Refused') throw error;
      for (const step of done)
        await DBOS.runStep(() => effects.reverse(saga.id, step), { name: `undo ${step}`, ...retries });
      return 'compensated';
    }
  }

  const workflow = DBOS.registerWorkflow(fourSteps, { name: 'fourSteps' });
  // Its own pool closes connections that were idle for ten seconds, as while other contenders have their turns.
  const pool = new Pool({ connectionString: databaseUrl, max: connections, idleTimeoutMillis: 0 });
  pool.on('error', console.error);
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: pool,
    enableOTLP: false,
    tracingEnabled: false,
    logLevel: 'error',
  });
  await DBOS.launch();
  return {
    async run(saga) {
      const handle = await DBOS.startWorkflow(workflow, { workflowID: saga.id })(saga);
      const ended = await handle.getResult();
      expectEnd(saga, ended);
    },
    async close() {
      await DBOS.shutdown();
      await pool.end();
      await effects.end();
    },
  };
};
