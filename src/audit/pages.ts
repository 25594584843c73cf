export const pageSize = 5_000;

/** All rows in the order of their ids. `page` returns at most `pageSize` of them. */
export async function* pages<Row extends { id: string }>(
  page: (after: string | undefined) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let after: string | undefined; ; ) {
    const rows = await page(after);
    if (rows.length > 0) yield rows;
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.id;
  }
}
