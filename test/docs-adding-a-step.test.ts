import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';
import { recordedFiles, replayRecorded } from './replay/recorded.ts';
import { applyPage } from './support/apply-page.ts';

let page: Awaited<ReturnType<typeof applyPage>>;
beforeAll(async () => {
  page = await applyPage('adding-a-step.md');
  return page.remove;
});

test('each diff of the page applies, and the result compiles', async () => {
  expect(page.diffs).toHaveLength(6);
  expect(await page.compile()).toBe('');
});

test('the sagas that run go on with the code of the page, and without its saga.changed they would not', async () => {
  const { copy } = page;
  const workflows = join(copy, 'src', 'workflows');
  const careful = await buildWorkflowBundle(copy, join(workflows, 'index.ts'));
  for (const file of recordedFiles()) expect(await replayRecorded(file, careful), file).toBe('replayed');

  const saga = join(workflows, 'mortgage-origination.ts');
  const code = readFileSync(saga, 'utf8');
  writeFileSync(saga, code.replace("if (saga.changed('order-valuation')) ", ''));
  const careless = await buildWorkflowBundle(copy, join(workflows, 'index.ts'));
  expect(await replayRecorded('granted.json', careless)).toContain('Put the change behind saga.changed');
}, 120_000);
