import { expect, test } from 'vitest';
import { whatToTry } from '../../scripts/stack/what-to-try.ts';
import { loadConfig } from '../../src/config.ts';

test.each([
  ['/home/ada/.cache/temporal', '/home/ada/.cache/temporal'],
  ["/home/ada l/it's/temporal", `'/home/ada l/it'\\''s/temporal'`],
])('the commands can be pasted where the Temporal CLI is at %s', (cli, word) => {
  const { auth, servicePorts: services, temporal, mail, localUrl: url } = loadConfig({});
  const text = whatToTry({ url, auth, services, temporal, cli, worker: 42, mail, logs: '/logs' });
  expect(text).toContain(`   ${word} workflow signal --address 127.0.0.1:7233`);
});
