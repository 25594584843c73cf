import { expect, test } from 'vitest';
import { whatToTry } from '../../scripts/stack/what-to-try.ts';
import { loadConfig } from '../../src/config.ts';

function printed(cli: string) {
  const { auth, servicePorts: services, temporal, mail, localUrl: url } = loadConfig({});
  return whatToTry({ url, auth, services, temporal, cli, worker: 42, mail, logs: '/logs' });
}

test.each([
  ['/home/ada/.cache/temporal', '/home/ada/.cache/temporal'],
  ["/home/ada l/it's/temporal", `'/home/ada l/it'\\''s/temporal'`],
])('the commands can be pasted where the Temporal CLI is at %s', (cli, word) => {
  expect(printed(cli)).toContain(`   ${word} workflow signal --address 127.0.0.1:7233`);
});

test('the address of the API is followed by that of its documentation, which a browser shows', () => {
  expect(printed('temporal')).toContain(
    'API          http://127.0.0.1:3000\nAPI docs     http://127.0.0.1:3000/docs\n',
  );
});
