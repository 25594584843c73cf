/** As many digits as mean something. */
export const figure = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));
