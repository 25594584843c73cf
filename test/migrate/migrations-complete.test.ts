import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { type DatabaseName, databaseNames } from '../../src/service-names.ts';

const project = join(import.meta.dirname, '..', '..');
/** The folders of the code; those that are not named have the database's name. */
const folders: Partial<Record<DatabaseName, string>> = { unwind: '{registry,account}' };
const services = databaseNames.map((name) => [name, folders[name] ?? name] as const);

test.each(services)('the migrations of %s make the schema that its code describes', (database, service) => {
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
});
