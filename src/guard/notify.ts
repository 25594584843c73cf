import type { Sql } from 'postgres';

export type Notify = (channel: string, topic?: string) => void;

/**
 * Wakes whoever listens on a channel, for a topic. Calls that come while one is under way go together: a NOTIFY in
 * each transaction would make all of them commit one after the other. It may get lost, so who listens also looks.
 */
export function createNotifier(sql: Sql): Notify {
  const calls = new Map<string, [channel: string, topic: string]>();
  let underWay = false;
  async function flush() {
    if (underWay) return;
    underWay = true;
    while (calls.size > 0) {
      const batch = JSON.stringify([...calls.values()]);
      calls.clear();
      await sql`
        select pg_notify(call ->> 0, call ->> 1) from jsonb_array_elements(${batch}::text::jsonb) call
      `.catch(() => {});
    }
    underWay = false;
  }
  return (channel, topic = '') => {
    calls.set(`${channel} ${topic}`, [channel, topic]);
    void flush();
  };
}
