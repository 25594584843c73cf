export type Notify = (channel: string, topic?: string) => void;

const all = `select pg_notify(call ->> 0, call ->> 1) from jsonb_array_elements($1::text::jsonb) call`;

/**
 * Wakes whoever listens on a channel, for a topic. Calls that come while one is under way go together: a NOTIFY in
 * each transaction would make all of them commit one after the other. It may get lost, so who listens also looks.
 */
export function createNotifier(send: (text: string, parameters: string[]) => Promise<unknown>): Notify {
  const calls = new Map<string, [channel: string, topic: string]>();
  let underWay = false;
  async function flush() {
    if (underWay) return;
    underWay = true;
    while (calls.size > 0) {
      const batch = JSON.stringify([...calls.values()]);
      calls.clear();
      await send(all, [batch]).catch(() => {});
    }
    underWay = false;
  }
  return (channel, topic = '') => {
    calls.set(`${channel} ${topic}`, [channel, topic]);
    void flush();
  };
}
