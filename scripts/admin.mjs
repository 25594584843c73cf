import { allowTypeScript, ensurePackages } from './lib/packages.mjs';

ensurePackages();
await allowTypeScript();
await import('../src/admin.ts');
