import type { System } from '../support/system.ts';
import type { SagaName } from './sagas.ts';
import type { Act } from './script.ts';

interface Started {
  saga: SagaName;
  id: string;
}

/** Does to a saga what its script says, and answers the status of HTTP. */
export async function perform(system: System, { saga, id }: Started, act: Act): Promise<number> {
  if (act === 'cancel' || act === 'terminate') {
    await system.handle(saga, id)[act]();
    return 200;
  }
  const [path, what] = act === 'decide' ? ['decision', { approved: true }] : [act.action, orderBody(act)];
  return (await system.command(id, path, what)).status;
}

const orderBody = ({ step, input }: Extract<Act, object>) => ({
  ...(step !== null && { step }),
  ...(input && { input }),
});
