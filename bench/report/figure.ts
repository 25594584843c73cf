import type { Line } from '../results.ts';

/** One decimal below 100, none above. */
export const figure = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));

/** With few sagas, a high percentile is only the maximum, and is labelled so. */
export function high(line: Line, percent: 95 | 99): string {
  const value = figure(line[`p${percent}_ms`].median);
  const isSlowest = line.fewest_sagas < 100 / (100 - percent);
  return isSlowest ? `${value} (max of ${line.fewest_sagas})` : value;
}
