// node scripts/run.mjs src/audit.ts …: runs a TypeScript file of this project on the packages of its lock file.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allowTypeScript, ensurePackages, project } from './lib/packages.mjs';
import { stopWithNpm } from './lib/stop-with-npm.mjs';

const [file = ''] = process.argv.splice(2, 1);

stopWithNpm();
ensurePackages();
await allowTypeScript();
await import(pathToFileURL(join(project, file)).href);
