import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';
import { applyPage } from './support/apply-page.ts';

test('each diff of the page applies, and the result compiles and bundles', async () => {
  const { copy, diffs, compile, remove } = await applyPage('adding-a-saga.md');
  expect(diffs).toHaveLength(3);
  expect(await compile()).toBe('');
  await buildWorkflowBundle(copy, join(copy, 'src', 'workflows', 'index.ts'));
  remove();
}, 120_000);
