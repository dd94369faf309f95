/** What a command tells of its progress where no terminal is: after three seconds, so on slow machines only. */
const progressLine = /^ *\d+ % .*\n/gm;

export function withoutProgress(stderr: string): string {
  return stderr.replaceAll(progressLine, '');
}
