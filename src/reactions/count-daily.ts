import { sql } from 'drizzle-orm';
import { dailyCount } from '../services/registry/schema.ts';
import type { AncillaryReaction } from './reaction.ts';

/** Counts loans granted and orders completed or cancelled, per day. */
export const countDaily: AncillaryReaction = {
  name: 'count-daily',
  on: ['loan.granted', 'order.completed', 'order.cancelled'],

  async apply(tx, { type, at }) {
    await tx
      .insert(dailyCount)
      .values({ day: at.toISOString().slice(0, 10), event: type, count: 1 })
      .onConflictDoUpdate({
        target: [dailyCount.day, dailyCount.event],
        set: { count: sql`${dailyCount.count} + 1` },
      });
  },
};
