import os from 'node:os';
import { addModel } from '../models/addModel';
import { cachePath, openCache } from '../models/cachePath';
import type { ExitCode, VerbContext } from './verb';

/** Prints the name that `--model` takes from now on. */
export async function addFolder({ terminal, values }: VerbContext, folder: string): Promise<ExitCode> {
  const cache = await openCache(cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() }));
  const { id, path, pointerPath, wasThere } = await addModel(folder, cache);
  await terminal.print(values.json === true ? JSON.stringify({ id, path, pointer: pointerPath, wasThere }) : id);
  if (values.json !== true && wasThere) terminal.note('It was registered already.');
  return 0;
}
