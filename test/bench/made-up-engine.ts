import type { OpenEngine } from '../../bench/engine.ts';

/** What a contender of this name may do wrong. */
export const open: OpenEngine = async ({ name }) => {
  if (name === 'does-not-open') throw new Error('the door is locked');
  return {
    async run() {
      if (name === 'hangs') await new Promise(() => {});
      if (name === 'fails') throw new Error('the saga went wrong');
      if (name === 'dies') process.exit(3);
    },
    close: async () => {},
  };
};
