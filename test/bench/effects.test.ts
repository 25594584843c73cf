import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { checkEffects, prepareEffects } from '../../bench/effects.ts';
import { amount, stepNames } from '../../bench/four-steps.ts';
import { withSql } from '../../bench/sql.ts';

test('the rows of more sagas are read back than a statement has parameters', async () => {
  const url = `${inject('databaseUrl')}/bench_${randomUUID().replaceAll('-', '')}`;
  await prepareEffects(url);
  const sagas = Array.from({ length: 66_000 }, () => ({ id: randomUUID(), refused: false }));
  const ids = sagas.map(({ id }) => id);
  await withSql(
    url,
    (sql) => sql`insert into effect (saga_id, step, amount)
      select id, step, ${amount} from unnest(${ids}::uuid[]) id, unnest(${[...stepNames]}::text[]) step`,
  );
  await checkEffects(url, sagas);

  const [last = ''] = ids.slice(-1);
  await withSql(
    url,
    (sql) => sql`update effect set reversed_at = now() where saga_id = ${last} and step = 'book-loan'`,
  );
  await expect(checkEffects(url, sagas)).rejects.toThrow(
    `saga ${last}, granted, left 4 effects of 1200000, 1 of them reversed`,
  );
});
