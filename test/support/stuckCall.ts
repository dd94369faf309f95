/**
 * Loaded into a program (see `buildPreload`): a call of the system that never comes back, as on a drive that does not
 * answer. STUCK_PROGRAM names the bundle; STUCK_PIPE a pipe that nobody writes to, which is opened for reading.
 * STUCK_FOLDER: the folder whose reading becomes that call, or `start`, where it is made at once. The file STUCK_MARK is
 * there once it was made.
 */
import fs from 'node:fs';
import path from 'node:path';

type Call = (...args: unknown[]) => Promise<unknown>;

const { STUCK_FOLDER: folder, STUCK_PIPE: pipe = '', STUCK_MARK: mark = '', STUCK_PROGRAM: program } = process.env;

if (path.basename(process.argv[1] ?? '') === program) {
  const promises = fs.promises as unknown as Record<'readdir', Call>;
  const stuck = () => {
    fs.writeFileSync(mark, '');
    return fs.promises.readFile(pipe);
  };
  const { readdir } = promises;
  promises.readdir = (...args) => (args[0] === folder ? stuck() : readdir(...args));
  if (folder === 'start') void stuck();
}
