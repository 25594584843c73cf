import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildWorkflowBundle } from '../src/workflows/bundle.ts';
import { recordedFiles, replayRecorded } from './replay/recorded.ts';

const project = join(import.meta.dirname, '..');
const text = readFileSync(join(project, 'docs', 'adding-a-step.md'), 'utf8');
const diffs = [...text.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, diff]) => diff ?? '');
const run = promisify(execFile);

/** The project, with what the page says done to it. */
let copy: string;
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'unwind-adding-a-step-'));
  for (const name of ['src', 'tsconfig.json', 'package.json'])
    cpSync(join(project, name), join(copy, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'page.diff'), diffs.join(''));
  await run('git', ['apply', '--unidiff-zero', 'page.diff'], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true }));

test('each diff of the page applies, and what comes of it compiles', async () => {
  expect(diffs).toHaveLength(6);
  const { stdout } = await run(join(project, 'node_modules', '.bin', 'tsc'), [], { cwd: copy });
  expect(stdout).toBe('');
});

test('the sagas that run go on with the code of the page, and without its saga.changed they would not', async () => {
  const workflows = join(copy, 'src', 'workflows');
  const careful = await buildWorkflowBundle(copy, join(workflows, 'index.ts'));
  for (const file of recordedFiles()) expect(await replayRecorded(file, careful), file).toBe('replayed');

  const saga = join(workflows, 'mortgage-origination.ts');
  const code = readFileSync(saga, 'utf8');
  writeFileSync(saga, code.replace("if (saga.changed('order-valuation')) ", ''));
  const careless = await buildWorkflowBundle(copy, join(workflows, 'index.ts'));
  expect(await replayRecorded('granted.json', careless)).toContain('Put the change behind saga.changed');
}, 120_000);
