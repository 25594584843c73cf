type Factors = Record<string, string>;

/** Any two of the values. */
export function pairsOf(factors: Factors): string[] {
  const values = Object.entries(factors).map(([name, value]) => `${name}: ${value}`);
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} & ${other}`));
}

/** A few of `all`, always the same ones, in which any two values occur together that do so in the whole. */
export function pairwise<T>(all: readonly T[], factorsOf: (one: T) => Factors): T[] {
  const candidates = all.map((one) => ({ one, pairs: pairsOf(factorsOf(one)) }));
  const left = new Set(candidates.flatMap(({ pairs }) => pairs));
  const chosen: T[] = [];
  const [first] = candidates;
  while (first && left.size > 0) {
    let best = { ...first, news: 0 };
    // Of those that are equally good, the first and the last in turn.
    for (const { one, pairs } of chosen.length % 2 === 0 ? candidates : candidates.toReversed()) {
      const news = pairs.filter((pair) => left.has(pair)).length;
      if (news > best.news) best = { one, pairs, news };
    }
    chosen.push(best.one);
    for (const pair of best.pairs) left.delete(pair);
  }
  return chosen;
}
