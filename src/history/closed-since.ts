/** By so much, in milliseconds, Temporal's index may lag behind its histories. */
const lagMs = 60_000;

/** The part of a query for what closed then (RFC 3339) or later; none for null. */
export const closedSince = (since: string | null): string[] =>
  since === null ? [] : [`CloseTime >= "${new Date(Date.parse(since) - lagMs).toISOString()}"`];
