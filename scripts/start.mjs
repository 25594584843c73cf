import { allowTypeScript, ensurePackages } from './lib/packages.mjs';

ensurePackages();
await allowTypeScript();
stopWithNpm();
await import('./stack/main.ts');

/** npm passes SIGTERM on to its shell alone, which dies without a word to us. */
function stopWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
