import { expect, test } from 'vitest';
import { pageSize, pages } from '../../src/audit/pages.ts';

test.each([0, pageSize - 1, pageSize, pageSize + 1, 2 * pageSize + 1])(
  'of %i rows all come, each once',
  async (count) => {
    const rows = Array.from({ length: count }, (_, index) => ({ id: String(index).padStart(6, '0') }));
    const page = async (after = '') => rows.filter(({ id }) => id > after).slice(0, pageSize);
    const read = [];
    for await (const some of pages(page)) read.push(...some);
    expect(read).toEqual(rows);
  },
);
