/**
 * The command that links in a hover call. Anybody's Markdown may hold such a link, so nothing in its argument is
 * trusted. Free of the editor.
 */
import { machineOfUri } from '../../../paligemma/src/otherMachines';
import { hoverTasks, type RunOnImageArguments } from '../../../server/src/contract/imageLinks';

const MAX_URI = 8192;

/** Undefined for anything but a task that hovers offer, on a file of this machine. */
export function readRunOnImage(args: readonly unknown[]): RunOnImageArguments | undefined {
  const [value] = args;
  if (typeof value !== 'object' || value === null) return undefined;
  const { imageUri, task } = value as { readonly [K in keyof RunOnImageArguments]?: unknown };
  const known = hoverTasks.find(each => each === task);
  if (
    known === undefined || typeof imageUri !== 'string' || imageUri.length > MAX_URI
    || !/^file:\/\/\//i.test(imageUri) || machineOfUri(imageUri) !== undefined
  ) return undefined;
  return { imageUri, task: known };
}
