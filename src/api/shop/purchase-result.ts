import type { StepEntry, TimelineEntry } from '../../saga/timeline.ts';

const names: Partial<Record<string, string>> = {
  'reserve-inventory': 'UPDATE_PRODUCT_INVENTORY',
  'create-order': 'CREATE_ORDER',
  'create-payment': 'CREATE_PAYMENT',
  'create-delivery': 'CREATE_DELIVERY',
};

/** Absent: nothing to roll back, and resolved by hand. */
const statuses: Partial<Record<`${StepEntry['op']} ${StepEntry['status']}`, string>> = {
  'do running': 'STATUS_EXECUTE',
  'do done': 'STATUS_SUCCESS',
  'do refused': 'STATUS_FAILED',
  'do failed': 'STATUS_FAILED',
  'undo done': 'STATUS_ROLLBACKED',
  'undo parked': 'STATUS_ROLLBACK_FAIL',
};

export interface PurchaseResult {
  purchase_id: string;
  step: string;
  status: string;
  timestamp: string;
}

/** As the shop's clients know it; undefined for other entries. */
export function purchaseResult(purchase_id: string, entry: TimelineEntry): PurchaseResult | undefined {
  if ('event' in entry) return undefined;
  const step = names[entry.step];
  const status = statuses[`${entry.op} ${entry.status}`];
  if (!step || !status) return undefined;
  return { purchase_id, step, status, timestamp: entry.finished_at ?? entry.started_at };
}
