// Known vulnerabilities in the packages that are shipped, as far as the configured registry tells them.
import { npmCommand, root } from '../install.mjs';
import { run } from './children.mjs';

const limitMs = 60_000;

/**
 * @param {{ print: (text: string) => void }} options @returns Counts; skipped, with the reason, where the registry does
 * not answer.
 */
export async function audit({ print }) {
  const [command, ...leading] = npmCommand(process.execPath);
  let output = '';
  const { timedOut, failure } = await run(command, [...leading, 'audit', '--omit=dev', '--json', '--loglevel=silent'], {
    cwd: root,
    limitMs,
    onOutput: text => {
      output += text;
    },
  })
    .catch(error => ({ timedOut: false, failure: `npm could not be started (${error.message})` }));
  const verdict = failure !== undefined
    ? { skipped: failure }
    : timedOut
    ? { skipped: `no answer within ${limitMs / 1000} s` }
    : readAudit(output);
  if (verdict.skipped !== undefined) {
    print(`  skipped: the registry tells nothing of vulnerabilities: ${verdict.skipped}\n`);
  }
  for (const finding of verdict.findings ?? []) print(`  FAILED: ${finding}\n`);
  return {
    passed: verdict.findings?.length === 0 ? 1 : 0,
    failed: verdict.findings?.length ?? 0,
    skipped: verdict.skipped === undefined ? 0 : 1,
  };
}

/**
 * @param {string} output Of `npm audit --json`.
 * @returns {{ findings: string[] } | { skipped: string }} A finding names package, severity and title.
 */
export function readAudit(output) {
  let answer;
  try {
    answer = JSON.parse(output);
  } catch {
    return { skipped: output.trim().split('\n')[0] || 'npm audit said nothing' };
  }
  // npm 10 and 11 tell the registry's refusal as `message`, an error of their own as `error`.
  if (answer.vulnerabilities === undefined) {
    return { skipped: answer.message ?? answer.error?.summary ?? 'its answer has no list of vulnerabilities' };
  }
  return {
    findings: Object.values(answer.vulnerabilities).map(({ name, severity, via, range }) =>
      `${name} ${range}: ${severity}, ${
        via.map(cause => (typeof cause === 'string' ? `through ${cause}` : cause.title)).join('; ')
      }`
    ),
  };
}
