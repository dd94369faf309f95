// The official packager of extensions, which judges a copy of ours: 285 packages and 125 MB.
import path from 'node:path';
import { installOnce } from './installOnce.mjs';

/** The newest that runs on Node.js 20. */
const version = '3.9.2';

/**
 * @param {(line: string) => void} print
 * @returns {Promise<{ program: string } | { reason: string }>} `program`: absolute, for Node.js; `reason`: why this
 *   machine cannot have it.
 * @throws Error when the registry answers, but the installation failed.
 */
export async function installVsce(print) {
  const installed = await installOnce('@vscode/vsce', version, print);
  return installed.folder === undefined ? installed : { program: path.join(installed.folder, 'vsce') };
}
