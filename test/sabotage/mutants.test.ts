import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyEdit } from '../../scripts/sabotage/edit.ts';
import { mutants } from '../../scripts/sabotage/mutants.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8');

test.each(mutants)('the code can still be broken so that $name', ({ edits }) => {
  for (const edit of edits) expect(applyEdit(read(edit.file), edit)).not.toBe(read(edit.file));
});
