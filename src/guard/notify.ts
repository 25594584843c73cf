export type Notify = (channel: string, topic?: string) => void;

const all = `select pg_notify(call ->> 0, call ->> 1) from jsonb_array_elements($1::text::jsonb) call`;

/**
 * Batches notifications outside the transactions, because commits with a NOTIFY serialise. A notification may get lost,
 * so listeners also poll.
 */
export function createNotifier(send: (text: string, parameters: string[]) => Promise<unknown>): Notify {
  const calls = new Map<string, [channel: string, topic: string]>();
  let sending = false;
  async function flush() {
    if (sending) return;
    sending = true;
    while (calls.size > 0) {
      const batch = JSON.stringify([...calls.values()]);
      calls.clear();
      await send(all, [batch]).catch(() => {});
    }
    sending = false;
  }
  return (channel, topic = '') => {
    calls.set(`${channel} ${topic}`, [channel, topic]);
    void flush();
  };
}
