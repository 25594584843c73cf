/** The scheduled start and the end of a saga, in milliseconds after the first start. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Throughput while sagas are started, until `over` milliseconds. A saga in progress at that moment counts by the share of
 * its time before it. Leaving it out would penalise long sagas; waiting for the last one would divide by its duration.
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

/** Over several rounds. */
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
