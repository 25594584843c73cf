/**
 * The part of a query for what closed then (RFC 3339) or later; none for null. `lagMs`: by so many milliseconds Temporal's
 * index may lag behind its histories, and its clock behind ours.
 */
export const closedSince = (since: string | null, lagMs: number): string[] =>
  since === null ? [] : [`CloseTime >= "${new Date(Date.parse(since) - lagMs).toISOString()}"`];
