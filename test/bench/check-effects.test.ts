import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { checkEffects, checkOriginations, prepareEffects } from '../../bench/check-effects.ts';
import { amount, stepNames } from '../../bench/four-steps.ts';
import { withSql } from '../../bench/sql.ts';
import { freshDatabase } from '../support/databases.ts';

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

test('the loans of a load are counted without those of earlier sagas, which a failed load may leave under way', async () => {
  const url = await freshDatabase('loan');
  await withSql(url, (sql) => sql`alter table loan drop constraint loan_guard`);
  const book = (count: number, shift: string) =>
    withSql(
      url,
      (sql) => sql`insert into loan (id, customer_id, mortgage_id, loan_amount, interest_rate, term_years,
          monthly_payment, saga_id, saga_step, saga_generation, saga_op)
        select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 100, 0, 1,
          8, uuidv7(${shift}::interval), 'book-loan', 0, 'do' from generate_series(1, ${count})`,
    );
  await book(3, '-1 second');
  const since = new Date();
  await book(2, '0 seconds');
  await checkOriginations(url, 2, since);
  await expect(checkOriginations(url, 3, since)).rejects.toThrow('there are 2 active loans');
});
