import { allowTypeScript, ensurePackages } from './lib/packages.mjs';

ensurePackages();
await allowTypeScript();
await import('./admin/main.ts');
