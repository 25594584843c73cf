import { allowTypeScript, ensurePackages } from '../scripts/lib/packages.mjs';

ensurePackages();
await allowTypeScript();
await import('./run.ts');
