/** Milliseconds on a clock that all processes of a machine share (Linux: since it was started). */
export const now = () => Number(process.hrtime.bigint()) / 1e6;
