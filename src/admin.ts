import { appoint } from './admin/appoint.ts';
import { readOptions, usage } from './admin/options.ts';
import { replacePassword } from './admin/replace-password.ts';
import { orExit } from './cli/or-exit.ts';
import { withDatabases } from './cli/with-databases.ts';

await orExit(async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(usage);
  const { email, role, newPassword } = options;
  await withDatabases({ name: 'unwind-admin', max: 1, used: ['unwind'] }, async ({ unwind }) => {
    if (newPassword) {
      const password = await replacePassword(unwind, email);
      return console.log(`All log-ins of ${email} have ended.\nIts password, shown this once: ${password}`);
    }
    const password = await appoint(unwind, options);
    if (password === undefined) console.log(`${email} has the role ${role} now.`);
    else
      console.log(
        `${email} has an account now, with the role ${role}.\nIts password, shown this once: ${password}`,
      );
  });
});
