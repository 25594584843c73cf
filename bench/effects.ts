import postgres from 'postgres';
import { amount } from './four-steps.ts';

/** Connections of each contender, as many as a service of Unwind has. */
export const connections = 20;

/** The statement of a step, and its reversal. Both are idempotent. */
export function openEffects(url: string) {
  const sql = postgres(url, { max: connections, onnotice: () => {} });
  return {
    async apply(id: string, step: string) {
      await sql`insert into effect (saga_id, step, amount) values (${id}, ${step}, ${amount})
        on conflict (saga_id, step) do nothing`;
    },
    async reverse(id: string, step: string) {
      await sql`update effect set reversed_at = now() where saga_id = ${id} and step = ${step}`;
    },
    end: () => sql.end({ timeout: 5 }),
  };
}
export type Effects = ReturnType<typeof openEffects>;
