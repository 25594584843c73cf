import { eq } from 'drizzle-orm';
import type { Database } from '../../guard/database.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { markUndone } from '../../guard/undone.ts';
import { application } from './schema.ts';

/** Returns false if there is none. Refuses if a saga holds it. */
export function deleteApplication(database: Database, id: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [found] = await tx.select().from(application).where(eq(application.id, id)).for('update');
    if (!found) return false;
    if (found.heldBy) return refuseHeld('the application', found.heldBy);
    await markUndone(tx, [found]);
    await tx.delete(application).where(eq(application.id, id));
    return true;
  });
}
