/** The built extension with a language server that answers by a script what concerns inference servers. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { ServedModel } from '../../../server/src/contract/protocol';

/** By origin, for example `https://gpu-a.example:8000`; any other cannot be reached. */
export type ServerScript = Readonly<
  Record<string, { readonly key?: string; readonly models?: readonly ServedModel[]; readonly hangs?: boolean }>
>;

/** Writes it into an empty folder, for `CodeServerOptions.installed`. */
export function scriptedExtension(folder: string): void {
  const root = process.cwd();
  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly files: readonly string[];
  };
  for (const name of [...files, 'package.json', 'node_modules']) {
    if (name === 'dist' || !existsSync(path.join(root, name))) continue;
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    if (!existsSync(target)) symlinkSync(path.join(root, name), target);
  }
  const dist = path.join(folder, 'dist');
  cpSync(path.join(root, 'dist'), dist, { recursive: true });
  renameSync(path.join(dist, 'server.js'), path.join(dist, 'server.real.js'));
  copyFileSync(path.resolve('test/support/scriptedServer/relay.cjs'), path.join(dist, 'server.js'));
}

export function scriptEnvironment(script: ServerScript): Readonly<Record<string, string>> {
  return { SCRIPTED_SERVERS: JSON.stringify(script) };
}
