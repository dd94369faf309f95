import os from 'node:os';
import path from 'node:path';
import { knownCheckpoint } from '../../language/knowledge/models';
import { cachePath, openCache } from '../../models/folders/cachePath';
import { readToken } from '../../models/folders/hubPlaces';
import { installModel, type InstallRequest } from '../../models/download/installModel';
import { fittingWeights, memoryByWeights, modelSizes } from '../../models/folders/memory';
import { sizeText } from './models';
import { readRunOptions, UsageError } from '../options';
import { openSession } from '../session';
import type { ExitCode, VerbContext } from '../verb';

/** A token has some forty characters. */
const LONGEST_TOKEN_INPUT = 4096;

/** Prints the name that `--model` takes; everything else goes to standard error. */
export async function downloadModel(context: VerbContext, word: string): Promise<ExitCode> {
  const { terminal, values, interrupt } = context;
  const options = readRunOptions({
    ...(values.weights === undefined ? {} : { weights: values.weights }),
    ...(values.attention === undefined ? {} : { attention: values.attention }),
    ...(values.device === undefined ? {} : { device: values.device }),
  });
  if (values['no-convert'] === true && values['delete-source'] === true) {
    throw new UsageError(
      '--no-convert and --delete-source exclude each other: only the converted model would be kept.',
    );
  }
  if (values.to === '' || values.revision === '') throw new UsageError('--to and --revision need a value.');
  const { id, revision } = readName(word, values.revision);
  const accessToken = values['token-stdin'] === true ? readToken(await readInput(), 'standard input') : undefined;
  const { device, weights, attention } = options;
  const request: InstallRequest = {
    id,
    revision,
    device,
    weights,
    attention,
    convert: values['no-convert'] !== true,
    deleteSource: values['delete-source'] === true,
    ...(values.to === undefined ? {} : { folder: path.resolve(values.to) }),
    ...(accessToken === undefined ? {} : { accessToken }),
  };
  if (request.convert) warnOfMemory(context, request);
  const cache = await openCache(cachePath({ env: process.env, platform: process.platform, homePath: os.homedir() }));
  const session = openSession(context, options);
  try {
    const installed = await installModel(request, {
      cachePath: cache,
      host: session.host,
      env: process.env,
      log: session.log,
      onProgress: (fraction, text) => terminal.progress.update({ fraction, text }),
    }, interrupt.token);
    terminal.progress.hide();
    await terminal.print(values.json === true ? JSON.stringify(installed) : installed.id);
    if (values.json !== true) {
      terminal.note(
        installed.wasThere
          ? `It was there already, in ${installed.path}.`
          : `${sizeText(installed.bytes)} in ${installed.path}.`,
      );
    }
    return 0;
  } finally {
    terminal.progress.hide();
    await session.close();
  }
}

/** `ID`, `ID@REVISION`, or a published name without its owner. @throws UsageError */
function readName(word: string, revision: string | undefined): { readonly id: string; readonly revision: string } {
  const at = word.indexOf('@');
  const name = at < 0 ? word : word.slice(0, at);
  if (at >= 0 && revision !== undefined) {
    throw new UsageError('The version was given twice, with @ and with --revision.');
  }
  return { id: knownCheckpoint(name)?.id ?? name, revision: revision ?? (at < 0 ? 'main' : word.slice(at + 1)) };
}

function warnOfMemory({ terminal }: VerbContext, { id, weights }: InstallRequest): void {
  const known = knownCheckpoint(id);
  const size = modelSizes.find(candidate => candidate === known?.size);
  if (known === undefined || size === undefined) return;
  const memory = memoryByWeights(size, known.resolutionPx);
  const total = os.totalmem();
  if (fittingWeights(memory, total).includes(weights)) return;
  terminal.note(
    `Note: ${id} needs about ${sizeText(memory[weights])} of memory at ${weights}, and this machine has ${
      sizeText(total)
    } in all. --no-convert only downloads it.`,
  );
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST_TOKEN_INPUT) break;
  }
  return text;
}
