import { expect } from 'vitest';
import { bearer, signedUp } from '../accounts/support.ts';
import { created, sender } from '../support/resources.ts';
import type { System } from '../support/system.ts';

export interface Told {
  /** The event's. */
  id: string;
  purchase_id: string;
  step: string;
  status: string;
  timestamp: string;
}

export type Shop = ReturnType<typeof shopOn>;

/** What the shop's clients do. */
export function shopOn(system: Pick<System, 'app'>) {
  const send = sender((path, init) => system.app.request(path, init));

  /** A new account's header. */
  const signUp = async (): Promise<string> => bearer((await signedUp(send)).access_token).authorization;

  async function sell(price = 100, inventory = 5): Promise<string> {
    const product = { name: 'pen', description: 'writes', brand_name: 'quill', price, inventory };
    return (await created(send, '/api/product', product)).id;
  }

  async function buy(authorization: string, ...products: string[]): Promise<string> {
    const purchase_items = products.map((product_id) => ({ product_id, amount: 1 }));
    const basket = { purchase_items, payment: { currency_code: 'NT' } };
    const { status, body } = await send('POST', '/api/purchase', basket, { authorization });
    expect(status, JSON.stringify(body)).toBe(201);
    return body.purchase_id;
  }

  /** Reads until `enough`, or the end of the stream; `hear` is told each as it comes. */
  async function results(
    authorization: string,
    enough: (seen: Told[]) => boolean,
    hear: (told: Told) => Promise<void> = async () => {},
  ): Promise<Told[]> {
    const response = await system.app.request('/api/purchase/result', { headers: { authorization } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const seen: Told[] = [];
    let rest = '';
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      const blocks = (rest + chunk.value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, data, id] = /^event: data\ndata: (.*)\nid: (.*)$/.exec(block) ?? [];
        if (!data) continue;
        const told: Told = { ...JSON.parse(data), id };
        await hear(told);
        seen.push(told);
      }
      if (!enough(seen)) continue;
      await reader?.cancel();
      break;
    }
    return seen;
  }

  return { send, signUp, sell, buy, results };
}

export const lines = (seen: Told[]) => seen.map(({ step, status }) => `${step} ${status}`);
export const has = (line: string) => (seen: Told[]) => lines(seen).includes(line);
