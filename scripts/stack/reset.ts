import { loadStackConfig } from '../../src/config-stack.ts';
import { removeHome } from './home.ts';

try {
  const { home, postgres, temporal } = loadStackConfig();
  await removeHome(home, console.log);
  console.log(`Removed ${home}: the next npm start begins anew.`);
  if (!postgres) console.log('DATABASE_URL names a server of yours: its databases were left alone.');
  if (!temporal) console.log('The Temporal address names a server of yours: its workflows were left alone.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
