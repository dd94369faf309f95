/** Modules that a process under test loads before its own program, by `--require`, to have something go wrong in it. */
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `test/support/<name>.ts` into `folder` and returns the flag for `NODE_OPTIONS` that loads it. */
export async function buildPreload(
  folder: string,
  name: 'hostFault' | 'diskFault' | 'clockFault' | 'networkPaths' | 'soakProbe' | 'stuckCall',
): Promise<string> {
  const outfile = path.join(folder, `${name}.js`);
  await build({
    entryPoints: [path.resolve(`test/support/${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return `--require ${JSON.stringify(outfile)}`;
}
