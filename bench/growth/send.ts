import { setTimeout as pause } from 'node:timers/promises';

const limitMs = 60_000;

interface Sent {
  body: unknown;
  /** Retries after no response or a 503. */
  resent: number;
}

/** For idempotent requests. Throws for any response except a success. */
export async function send(url: string, init: RequestInit = {}): Promise<Sent> {
  const until = Date.now() + limitMs;
  for (let resent = 0; ; resent += 1) {
    const response = await fetch(url, init).catch((error: unknown) => {
      if (Date.now() > until) throw error;
    });
    const text = await response?.text().catch(() => undefined);
    if (response?.ok && text !== undefined) return { body: JSON.parse(text), resent };
    const again = response === undefined || response.status === 503 || text === undefined;
    if (!again || Date.now() > until) throw new Error(`${url} answered ${response?.status}: ${text}`);
    await pause(50);
  }
}

export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
