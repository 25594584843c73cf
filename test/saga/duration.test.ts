import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { duration, milliseconds } from '../../src/saga/duration.ts';

test.each([
  ['P14D', 1_209_600_000],
  ['PT5M', 300_000],
  ['PT0.5S', 500],
  ['P1DT2H', 93_600_000],
  ['P1W', 604_800_000],
])('%s is %i ms', (text, ms) => {
  expect(duration.parse(text)).toBe(text);
  expect(milliseconds(text)).toBe(ms);
});

test.each(['', 'P', 'PT', '5 minutes', 'PT0S', '-PT5M', 'P11Y', 'P99999999999D', '\0'])(
  '%j is no duration for a saga',
  (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  },
);

test.each(['America/New_York', 'America/Sao_Paulo', 'Asia/Tokyo'])(
  'a duration is as long in %s as anywhere',
  async (TZ) => {
    const texts = ['P2M', 'P6M', 'P9M17D', 'P1Y2M', 'P9Y11M'];
    const script = `
      import { milliseconds } from './src/saga/duration.ts';
      console.log(JSON.stringify(${JSON.stringify(texts)}.map((text) => milliseconds(text) / 86_400_000)));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { env: { ...process.env, TZ } },
    );
    expect(JSON.parse(stdout)).toEqual([59, 181, 290, 424, 3_621]);
  },
);
