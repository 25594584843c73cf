import { whole } from './portfolio.ts';
import type { Progress } from './seed.ts';

/** One line that is updated on a terminal; otherwise a new line every five seconds. */
export function showProgress(of: number) {
  const since = Date.now();
  let now: Progress = { customers: 0, loans: 0, payments: 0 };
  const line = () =>
    `${whole(now.customers)} of ${whole(of)} customers, ${whole(now.loans)} loans, ` +
    `${whole(now.payments)} payments, ${Math.round((Date.now() - since) / 1_000)} s`;
  const isTerminal = process.stdout.isTTY === true;
  const show = isTerminal
    ? () => process.stdout.write(`\r\x1b[K${line()}`)
    : () => process.stdout.write(`${line()}\n`);
  show();
  const timer = setInterval(show, isTerminal ? 1_000 : 5_000);
  return {
    report(progress: Progress) {
      now = progress;
    },
    end() {
      clearInterval(timer);
      show();
      if (isTerminal) process.stdout.write('\n');
    },
  };
}
