import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '..', '..');
const services = { customer: 'customer', mortgage: 'mortgage', loan: 'loan', unwind: 'registry' };

test.each(Object.entries(services))(
  'the migrations of %s make the schema that its code describes',
  (database, service) => {
    const copy = mkdtempSync(join(tmpdir(), 'unwind-migrations-'));
    cpSync(join(project, 'drizzle', database), copy, { recursive: true });
    const schema = `src/services/${service}/schema.ts`;
    const options = ['--dialect', 'postgresql', '--schema', schema, '--out', relative(project, copy)];
    const output = execFileSync(
      process.execPath,
      ['node_modules/drizzle-kit/bin.cjs', 'generate', ...options],
      {
        cwd: project,
        encoding: 'utf8',
      },
    );
    rmSync(copy, { recursive: true });
    expect(output).toContain('No schema changes');
  },
);
