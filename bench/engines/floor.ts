import { openEffects } from '../effects.ts';
import type { OpenEngine } from '../engine.ts';
import { isRefused, stepNames } from '../four-steps.ts';

/** The same statements in sequence, without an engine. */
export const open: OpenEngine = async ({ databaseUrl }) => {
  const effects = openEffects(databaseUrl);
  return {
    async run(saga) {
      const done: string[] = [];
      for (const step of stepNames) {
        if (isRefused(saga, step)) break;
        await effects.apply(saga.id, step);
        done.unshift(step);
      }
      if (saga.refused) for (const step of done) await effects.reverse(saga.id, step);
    },
    close: effects.end,
  };
};
