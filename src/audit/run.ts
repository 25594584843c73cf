import type { Check, Databases } from './check.ts';
import { stepsHaveEffects } from './effects.ts';
import { eventsArePublished } from './events.ts';
import { loansMatchLedger, movementsBalance, paidOutLoansAreActive, paymentsMatchLedger } from './ledger.ts';
import { customersAreWanted, loansHaveOwners, mortgagesHaveLoans } from './orphans.ts';
import { cancelledOrdersAreUndone, completedOrdersArePaid, purchasesMatchLedger } from './shop.ts';

const checks: readonly Check[] = [
  movementsBalance,
  loansMatchLedger,
  paidOutLoansAreActive,
  paymentsMatchLedger,
  stepsHaveEffects,
  loansHaveOwners,
  mortgagesHaveLoans,
  customersAreWanted,
  completedOrdersArePaid,
  cancelledOrdersAreUndone,
  purchasesMatchLedger,
  eventsArePublished,
];
const maxLines = 20;

/** Runs every check and logs a line for each. Returns the number of findings. */
export async function audit(databases: Databases, log: (line: string) => void): Promise<number> {
  let count = 0;
  for (const { name, findings } of checks) {
    const found = await findings(databases);
    count += found.length;
    log(
      `${found.length === 0 ? 'ok  ' : 'BAD '} ${name}${found.length === 0 ? '' : `: ${found.length} do not`}`,
    );
    for (const line of found.slice(0, maxLines)) log(`       ${line}`);
    if (found.length > maxLines) log(`       … and ${found.length - maxLines} more`);
  }
  return count;
}
