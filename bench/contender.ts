import type { Engine, OpenEngine, Settings } from './engine.ts';
import { runLoad } from './loads.ts';
import { type Command, commandSchema, type Reply } from './messages.ts';

/** The process of one contender: an application with client and worker, and its load generator. */
let engine: Engine | undefined;

async function execute(command: Command): Promise<Reply> {
  switch (command.command) {
    case 'open':
      engine = await openEngine(command.settings);
      return { reply: 'opened' };
    case 'load':
      if (!engine) throw new Error('the engine is not open');
      return { reply: 'loaded', loaded: await runLoad(engine, command.load) };
    case 'close':
      await engine?.close();
      return { reply: 'closed' };
  }
}

async function openEngine(settings: Settings): Promise<Engine> {
  const { open }: { open: OpenEngine } = await import(`./${settings.engine}.ts`);
  return open(settings);
}

const failed = (error: unknown): Reply => ({
  reply: 'failed',
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
});
const send = (reply: Reply) => process.send?.(reply);

process.on('message', (message) => {
  execute(commandSchema.parse(message))
    .catch(failed)
    .then((reply) => {
      send(reply);
      if (reply.reply === 'closed') process.disconnect();
    });
});
// The benchmark has exited or closed the channel.
process.once('disconnect', () => process.exit());
// The benchmark handles Ctrl-C.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
send({ reply: 'ready' });
