/** In Temporal's SQL visibility store, open workflows have a close time after this one. */
const endOfTime = '9999-01-01T00:00:00Z';

/**
 * The part of a query for workflows that closed at `since` (RFC 3339) or later, or at any time for null. `lagMs`: how many
 * milliseconds Temporal's index may lag behind its histories, and its clock behind ours. Two bounds make it an index range
 * scan; one bound would scan all open workflows.
 */
export function closedSince(since: string | null, lagMs: number): string[] {
  const closed = `CloseTime < "${endOfTime}"`;
  return since === null
    ? [closed]
    : [closed, `CloseTime >= "${new Date(Date.parse(since) - lagMs).toISOString()}"`];
}
