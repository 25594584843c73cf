import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';
import { applyPage } from './support/apply-page.ts';

const name = 'adding-a-saga.md';
let page: Awaited<ReturnType<typeof applyPage>>;
beforeAll(async () => {
  page = await applyPage(name);
  return page.remove;
});

test('each diff of the page applies, and the result compiles and bundles', async () => {
  const { copy, diffs, compile } = page;
  expect(diffs).toHaveLength(6);
  expect(await compile()).toBe('');
  await buildWorkflowBundle(copy, join(copy, 'src', 'workflows', 'index.ts'));
}, 120_000);

test('where the code has changed what the page changes, its test says to adapt the page', async () => {
  const message = `docs/${name} no longer fits the code: adapt its changes to yours\nerror: `;
  await expect(applyPage(name, page.copy)).rejects.toThrow(message);
});
