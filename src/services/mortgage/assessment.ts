import { monthlyPayment } from '../../money/amortisation.ts';

interface Assessed {
  /** Cents. */
  loanAmount: bigint;
  /** Cents. */
  propertyValue: bigint;
  /** Thousandths of a percent a year. */
  interestRate: number;
  termYears: number;
  /** Cents a year; undefined if not given. */
  annualIncome: bigint | undefined;
}

interface Assessment {
  verdict: 'approve' | 'refer' | 'decline';
  reasons: string[];
  /** Cents. */
  monthlyPayment: bigint;
}

/** The lending rules. Integer comparison: a share equal to its limit is within it. */
export function assess({
  loanAmount,
  propertyValue,
  interestRate,
  termYears,
  annualIncome,
}: Assessed): Assessment {
  const payment = monthlyPayment({ principal: loanAmount, rate: interestRate, months: termYears * 12 });
  const loanToValueAbove = (percent: bigint) => loanAmount * 100n > propertyValue * percent;
  const repaymentsAbove = (percent: bigint, income: bigint) => payment * 12n * 100n > income * percent;
  const answer = (verdict: Assessment['verdict'], ...reasons: string[]) => ({
    verdict,
    reasons,
    monthlyPayment: payment,
  });

  if (loanToValueAbove(95n)) return answer('decline', 'the loan is above 95 % of the property value');
  if (annualIncome === undefined) return answer('refer', 'no income is given');
  if (repaymentsAbove(50n, annualIncome))
    return answer('decline', "a year's repayments are above 50 % of the income");

  const doubts = [
    ...(loanToValueAbove(80n) ? ['the loan is above 80 % of the property value'] : []),
    ...(repaymentsAbove(35n, annualIncome) ? ["a year's repayments are above 35 % of the income"] : []),
  ];
  if (doubts.length > 0) return answer('refer', ...doubts);
  return answer(
    'approve',
    'the loan is at most 80 % of the property value',
    "a year's repayments are at most 35 % of the income",
  );
}
