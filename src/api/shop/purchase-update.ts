import type { StepEntry, TimelineEntry } from '../../saga/timeline.ts';

const names: Partial<Record<string, string>> = {
  'reserve-inventory': 'UPDATE_PRODUCT_INVENTORY',
  'create-order': 'CREATE_ORDER',
  'create-payment': 'CREATE_PAYMENT',
  'create-delivery': 'CREATE_DELIVERY',
};

const started = 'STATUS_EXECUTE';

/** Absent: nothing to roll back, and resolved by hand. */
const statuses: Partial<Record<`${StepEntry['op']} ${StepEntry['status']}`, string>> = {
  'do running': started,
  'do done': 'STATUS_SUCCESS',
  'do refused': 'STATUS_FAILED',
  'do failed': 'STATUS_FAILED',
  'undo done': 'STATUS_ROLLBACKED',
  'undo parked': 'STATUS_ROLLBACK_FAIL',
};

interface PurchaseUpdate {
  purchase_id: string;
  step: string;
  status: string;
  timestamp: string;
}

/** What the shop's clients get for an entry. A step's end comes with its start, which some timelines do not show. */
export function purchaseResults(purchase_id: string, entry: TimelineEntry): PurchaseUpdate[] {
  if ('event' in entry) return [];
  const step = names[entry.step];
  const status = statuses[`${entry.op} ${entry.status}`];
  if (!step || !status) return [];
  const result = { purchase_id, step, status, timestamp: entry.finished_at ?? entry.started_at };
  if (entry.op === 'undo' || status === started) return [result];
  return [{ purchase_id, step, status: started, timestamp: entry.started_at }, result];
}
