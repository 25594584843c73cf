import { appoint, ExistingAccount } from './admin/appoint.ts';
import { readOptions, usage } from './admin/options.ts';
import { loadStackConfig } from './config-stack.ts';
import { openDatabase } from './guard/database.ts';
import { hostsOf, messageOf, whyUnusable } from './why-unusable.ts';

type Options = NonNullable<ReturnType<typeof readOptions>>;

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await give(options);
  else console.log(usage);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function give(options: Options): Promise<void> {
  const { email, role } = options;
  const { databases } = loadStackConfig().config;
  const database = openDatabase(databases.unwind, { name: 'unwind-admin', max: 1 });
  try {
    const password = await appoint(database, options);
    if (password === undefined) console.log(`${email} has the role ${role} now.`);
    else
      console.log(
        `${email} has an account now, with the role ${role}.\nIts password, shown this once: ${password}`,
      );
  } catch (error) {
    if (error instanceof ExistingAccount) throw error;
    throw new Error(whyUnusable(error, hostsOf([databases.unwind])));
  } finally {
    await database.end();
  }
}
