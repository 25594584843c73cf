import type { Engine, OpenEngine, Settings } from './engine.ts';
import { runLoad } from './loads.ts';
import { type Answer, type Order, orderSchema } from './messages.ts';

/** The process of one contender: an application with client and worker, and its load generator. */
let engine: Engine | undefined;

async function carryOut(order: Order): Promise<Answer> {
  switch (order.order) {
    case 'open':
      engine = await openEngine(order.settings);
      return { answer: 'opened' };
    case 'load':
      if (!engine) throw new Error('the engine is not open');
      return { answer: 'loaded', loaded: await runLoad(engine, order.load) };
    case 'close':
      await engine?.close();
      return { answer: 'closed' };
  }
}

async function openEngine(settings: Settings): Promise<Engine> {
  const { open }: { open: OpenEngine } = await import(`./${settings.engine}.ts`);
  return open(settings);
}

const failed = (error: unknown): Answer => ({
  answer: 'failed',
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
});
const answer = (said: Answer) => process.send?.(said);

process.on('message', (message) => {
  carryOut(orderSchema.parse(message))
    .catch(failed)
    .then((said) => {
      answer(said);
      if (said.answer === 'closed') process.disconnect();
    });
});
// The benchmark has exited or closed the channel.
process.once('disconnect', () => process.exit());
// The benchmark handles Ctrl-C.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
answer({ answer: 'ready' });
