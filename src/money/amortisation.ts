/** A monthly rate of 1, in thousandths of a percent a year: 100 % × 1000 × 12 months. */
const MONTHLY_UNIT = 1_200_000n;

export interface Loan {
  /** Cents. */
  principal: bigint;
  /** Nominal yearly rate in thousandths of a percent. */
  rate: number;
  months: number;
}

/** One month's payment, its split, and the balance after it, in cents. */
export interface Instalment {
  number: number;
  payment: bigint;
  interest: bigint;
  principal: bigint;
  balance: bigint;
}

/** The nearest integer to a fraction, ties to even (IEEE 754 roundTiesToEven). RangeError: denominator 0. */
export function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const [top, bottom] = denominator < 0n ? [-numerator, -denominator] : [numerator, denominator];
  const size = top < 0n ? -top : top;
  const whole = size / bottom;
  const twice = 2n * (size % bottom);
  const up = twice > bottom || (twice === bottom && whole % 2n === 1n);
  const rounded = up ? whole + 1n : whole;
  return top < 0n ? -rounded : rounded;
}

/** A month's interest on a balance in cents: a twelfth of the yearly rate for every month. */
export function monthlyInterest(balance: bigint, rate: number): bigint {
  return roundHalfEven(balance * BigInt(rate), MONTHLY_UNIT);
}

/**
 * The level payment in cents at the end of each month: P·i / (1 − (1 + i)^−n), rounded once.
 * Source: ordinary annuity, https://en.wikipedia.org/wiki/Mortgage_calculator#Monthly_payment_formula
 * RangeError: negative principal or rate, a rate or months that is not whole, months outside 1 to 1200.
 */
export function monthlyPayment({ principal, rate, months }: Loan): bigint {
  if (principal < 0n) throw new RangeError('principal must not be negative');
  if (!Number.isInteger(rate) || rate < 0) throw new RangeError('rate must be a whole number, 0 or more');
  if (!Number.isInteger(months) || months < 1 || months > 1200)
    throw new RangeError('months must be a whole number from 1 to 1200');
  if (rate === 0) return roundHalfEven(principal, BigInt(months));
  const grown = (MONTHLY_UNIT + BigInt(rate)) ** BigInt(months);
  return roundHalfEven(
    principal * BigInt(rate) * grown,
    MONTHLY_UNIT * (grown - MONTHLY_UNIT ** BigInt(months)),
  );
}

/**
 * Instalments of `regular` cents, raised to the interest if lower; the last one pays the rest. Because payments are whole
 * cents, a loan of a few cents can end before `months`, and at extreme rates (40 % over 40 years) the principal remains
 * for the last instalment.
 * RangeError: like `monthlyPayment`.
 */
export function schedule(loan: Loan, regular = monthlyPayment(loan)): Instalment[] {
  const instalments: Instalment[] = [];
  let balance = loan.principal;
  for (let number = 1; number <= loan.months && balance > 0n; number++) {
    const interest = monthlyInterest(balance, loan.rate);
    const last = number === loan.months || regular - interest >= balance;
    const covers = regular >= interest;
    const payment = last ? balance + interest : covers ? regular : interest;
    balance -= payment - interest;
    instalments.push({ number, payment, interest, principal: payment - interest, balance });
  }
  return instalments;
}
