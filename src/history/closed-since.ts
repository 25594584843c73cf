/** What is open has, in the index of a Temporal that keeps it in SQL, a time of closing after this one. */
const endOfTime = '9999-01-01T00:00:00Z';

/**
 * The part of a query for what closed then (RFC 3339) or later, or at all for null. `lagMs`: by so many milliseconds
 * Temporal's index may lag behind its histories, and its clock behind ours. With both bounds the index is read where they
 * lie; with one, all that is open would be gone through.
 */
export function closedSince(since: string | null, lagMs: number): string[] {
  const closed = `CloseTime < "${endOfTime}"`;
  return since === null
    ? [closed]
    : [closed, `CloseTime >= "${new Date(Date.parse(since) - lagMs).toISOString()}"`];
}
