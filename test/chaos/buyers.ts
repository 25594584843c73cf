import { setTimeout as pause } from 'node:timers/promises';
import { bearer, signedUp } from '../accounts/support.ts';
import { sender } from '../support/resources.ts';

const backOffMs = 100;
const impatienceMs = 10_000;

/** Clients that send a purchase with its key until it is answered, whatever happens to the API. */
export async function buyersAt(url: string, mode: 'orchestrated' | 'choreographed') {
  const send = sender((path, init) =>
    fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(impatienceMs) }),
  );
  const { access_token } = await signedUp(send);
  let resent = 0;

  /** Answers the purchase's id. */
  async function buy(key: string, product_id: string): Promise<string> {
    const basket = { purchase_items: [{ product_id, amount: 1 }], payment: { currency_code: 'NT' }, mode };
    const headers = {
      ...bearer(access_token),
      'content-type': 'application/json',
      'idempotency-key': key,
    };
    for (; ; resent += 1) {
      const answer = await send('POST', '/sagas/purchase', basket, headers).catch(() => undefined);
      if (answer?.status === 202) return answer.body.saga_id;
      if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`a purchase is answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
      await pause(backOffMs);
    }
  }

  return { buy, resent: () => resent };
}
