import os from 'node:os';
import path from 'node:path';

export function expandHome(folder: string): string {
  return folder === '~' || /^~[/\\]/.test(folder) ? path.join(os.homedir(), folder.slice(1)) : folder;
}
