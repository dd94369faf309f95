/** Links that lead to another machine, which a document or a workspace may hold as it may hold such a path. */
import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { isElsewhere, machineOfPath } from '../../../paligemma/src/otherMachines';
import { errorCode } from './files';

/** Links on one way; more lead in a circle. */
const MOST_LINKS = 40;

/**
 * Whether a link on the way to `place` leads to a machine that the path itself does not name. Ask before the path is
 * opened or asked about: the system follows links by itself. Windows alone has such links; elsewhere nothing is asked.
 * @param place Absolute. Never rejects.
 */
export async function leadsElsewhere(place: string, hasSuchLinks = process.platform === 'win32'): Promise<boolean> {
  return hasSuchLinks && linksElsewhere(place, MOST_LINKS);
}

async function linksElsewhere(place: string, linksLeft: number): Promise<boolean> {
  const { root } = path.parse(place);
  const names = place.slice(root.length).split(path.sep).filter(name => name !== '');
  let at = root;
  for (const [index, name] of names.entries()) {
    const folder = at;
    at = path.join(at, name);
    const target = await targetOf(at);
    if (target === 'missing') return false;
    if (target === 'none') continue;
    if (isElsewhere(machineOfPath(target.text), [machineOfPath(place)])) return true;
    return linksLeft === 0
      || linksElsewhere(path.resolve(folder, target.text, ...names.slice(index + 1)), linksLeft - 1);
  }
  return false;
}

/** What a link says; `missing`: nothing is there, so nothing lies below it either. */
async function targetOf(place: string): Promise<{ readonly text: string } | 'none' | 'missing'> {
  try {
    return { text: await readlink(place) };
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') ? 'missing' : 'none';
  }
}
