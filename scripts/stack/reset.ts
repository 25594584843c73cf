import { orExit } from '../../src/cli/or-exit.ts';
import { refuseArguments } from '../../src/cli/refuse-arguments.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { removeHome } from './home.ts';

await orExit(async () => {
  refuseArguments('npm run reset removes what npm start keeps: it has no options');
  const { home, postgres, temporal } = loadStackConfig();
  const left = await removeHome(home, console.log);
  console.log(`Removed what Unwind kept in ${home}: the next npm start begins from scratch.`);
  if (left.length > 0) console.log(`Not made by Unwind, and left alone: ${left.join(', ')}`);
  if (!postgres) console.log('DATABASE_URL names a server of yours: its databases were left alone.');
  if (!temporal) console.log('The Temporal address names a server of yours: its workflows were left alone.');
});
