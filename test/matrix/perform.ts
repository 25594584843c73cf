import type { System } from '../support/system.ts';
import type { SagaName } from './sagas.ts';
import type { Act } from './script.ts';

interface Started {
  saga: SagaName;
  id: string;
}

let sent = 0;

/** Does to a saga what its script says, and answers the status of HTTP. */
export async function perform(system: System, { saga, id }: Started, act: Act): Promise<number> {
  if (act === 'cancel' || act === 'terminate') {
    await system.handle(saga, id)[act]();
    return 200;
  }
  const [path, what] = act === 'decide' ? ['decision', { approved: true }] : [act.action, orderBody(act)];
  const body = { id: `message-${sent++}`, reason: 'seen to', ...what };
  for (;;) {
    const { status } = await system.call('POST', `/sagas/${id}/${path}`, body);
    // No worker answered in time, on a busy machine: safe to send again.
    if (status !== 503) return status;
  }
}

const orderBody = ({ step, input }: Extract<Act, object>) => ({
  ...(step !== null && { step }),
  ...(input && { input }),
});
