/** When a saga was to start, and when it had ended: milliseconds after the first start. */
export interface Span {
  start: number;
  end: number;
}

/**
 * How many end a second, while sagas were started: until `over`, in milliseconds. One that was under way then counts with
 * the share of its time that lay before: those left out would be missing most where sagas take long, and whoever waited
 * for the last one would divide by how long that one takes.
 */
export function perSecond(spans: readonly Span[], over: number): number {
  const shares = spans.map(({ start, end }) =>
    end <= over ? 1 : Math.max(0, (over - start) / (end - start)),
  );
  return shares.reduce((sum, share) => sum + share, 0) / (over / 1_000);
}

/** The nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const middle = ascending.length / 2;
  const [low, high] = [ascending[Math.ceil(middle) - 1], ascending[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Of several rounds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: rounded(median(values)),
  min: rounded(Math.min(...values)),
  max: rounded(Math.max(...values)),
});

const rounded = (value: number) => Number(value.toFixed(3));
