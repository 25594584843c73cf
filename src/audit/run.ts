import type { Check, Databases } from './check.ts';
import { stepsHaveEffects } from './effects.ts';
import { stepsAreSaid } from './events.ts';
import { loansMatchLedger, movementsBalance, paymentsMatchLedger } from './ledger.ts';
import { customersAreWanted, loansHaveOwners, mortgagesHaveLoans } from './orphans.ts';
import { cancelledOrdersAreUndone, completedOrdersArePaid, purchasesMatchLedger } from './shop.ts';

const checks: readonly Check[] = [
  movementsBalance,
  loansMatchLedger,
  paymentsMatchLedger,
  stepsHaveEffects,
  loansHaveOwners,
  mortgagesHaveLoans,
  customersAreWanted,
  completedOrdersArePaid,
  cancelledOrdersAreUndone,
  purchasesMatchLedger,
  stepsAreSaid,
];
const shownAtMost = 20;

/** Runs every check, one after the other, and tells a line about each. Answers how many findings there are. */
export async function audit(databases: Databases, log: (line: string) => void): Promise<number> {
  let count = 0;
  for (const { name, findings } of checks) {
    const found = await findings(databases);
    count += found.length;
    log(
      `${found.length === 0 ? 'ok  ' : 'BAD '} ${name}${found.length === 0 ? '' : `: ${found.length} do not`}`,
    );
    for (const line of found.slice(0, shownAtMost)) log(`       ${line}`);
    if (found.length > shownAtMost) log(`       … and ${found.length - shownAtMost} more`);
  }
  return count;
}
