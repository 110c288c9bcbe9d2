import { escapedXml } from './escapedXml.js';
import type { ReplayReport } from './report.js';
import type { Slower } from './slower.js';

/** A replay as JUnit's XML: a test case a tool, prompt or method, and one for each that has become slower. */
export const junitReport = (report: ReplayReport, slow: readonly Slower[]): string => {
  const cases = report.by_name.map(({ name, calls, different, failed }) => {
    const wrong = different + failed;
    const told = report.differences.filter((one) => one.name === name);
    const text = told
      .map(
        ({ at, expected, actual, count }) =>
          `${at === '' ? '/' : at}: expected ${expected}, got ${actual} (${count} times)`,
      )
      .join('\n');
    return testCase(
      name,
      wrong === 0 ? undefined : [`${wrong} of ${calls} calls were answered otherwise`, text],
    );
  });
  const times = slow.map(({ name = 'all calls', percentile, before, now }) =>
    testCase(`${name} ${percentile}`, [`${percentile} was ${before} ms and is ${now} ms`, '']),
  );
  const all = [...cases, ...times];
  const failures = all.filter((one) => one.includes('<failure')).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites><testsuite name="sluice replay" tests="${all.length}" failures="${failures}" errors="0" skipped="0" time="${report.seconds}" timestamp="${report.finished_at}">`,
    ...all,
    '</testsuite></testsuites>',
    '',
  ].join('\n');
};

const testCase = (name: string, failure: readonly [message: string, text: string] | undefined): string => {
  const begin = `<testcase classname="replay" name="${escapedXml(name)}"`;
  if (failure === undefined) return `${begin}/>`;
  const [message, text] = failure;
  return `${begin}><failure message="${escapedXml(message)}">${escapedXml(text)}</failure></testcase>`;
};
