/** Epoch milliseconds as OpenTelemetry has them: seconds, and nanoseconds of the last one. */
export const timeOf = (ms: number): [number, number] => {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
};
