/** Modules of scripts/: loaded as they lie there, because they find their files beside themselves. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** `T`: what of the module is used. `file`: below scripts/. */
export async function scriptModule<T>(file: string): Promise<T> {
  return await import(pathToFileURL(path.resolve('scripts', file)).href) as T;
}
