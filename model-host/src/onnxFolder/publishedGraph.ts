/** One graph file of a published folder: checked, then opened with its weights left where they are. */
import * as l10n from '@vscode/l10n';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import { openPublishedGraph, type Device, type GraphSession } from '../runtime/ort';
import { readOnnxFile, type DeclaredValue, type ExternalEntry, type OnnxFile } from './onnxFile';
import { FileBytes } from './protobufReader';
import { rewriteModel } from './rewrite';

export interface PublishedGraph {
  readonly file: string;
  readonly inputs: ReadonlyMap<string, DeclaredValue>;
  readonly outputs: ReadonlyMap<string, DeclaredValue>;
  /** Kinds of its nodes. */
  readonly ops: ReadonlySet<string>;
  readonly session: GraphSession;
}

export interface OpenOptions {
  readonly device: Device;
  readonly lastRowOf?: string;
  readonly hasFastMatrices?: boolean;
}

/**
 * @throws Failure weightsCorrupt for a file that is no graph, names weights outside of its folder, or whose weights
 *   are cut off; weightsMissing for weights that are not there; as {@link openPublishedGraph}.
 */
export async function openGraph(file: string, options: OpenOptions): Promise<PublishedGraph> {
  const bytes = await openFile(file);
  try {
    const graph = readGraph(bytes, file);
    const places = await placesOf(graph.external, file);
    const names = [await realpath(file), ...places.values()];
    const folder = commonFolder(names);
    // Behind the links of Hugging Face's cache the files have other names, and the runtime follows none that lead out
    // of a folder.
    const nameIn = (place: string) => path.relative(folder, place).split(path.sep).join('/');
    const model = rewriteModel(bytes, graph, {
      ...options,
      ownName: nameIn(names[0] ?? file),
      nameOf: location => nameIn(places.get(location) ?? location),
    });
    return {
      file,
      session: await openPublishedGraph(model, folder, file, options.device),
      ops: new Set(graph.nodes.map(node => node.op)),
      inputs: new Map(graph.inputs.map(value => [value.name, value])),
      outputs: new Map(graph.outputs.map(value => [value.name, value])),
    };
  } catch (error) {
    if (error instanceof RangeError) throw damaged(file, error);
    throw error;
  } finally {
    bytes.close();
  }
}

async function openFile(file: string): Promise<FileBytes> {
  const entry = await stat(file).catch(() => undefined);
  if (entry?.isFile() !== true) {
    throw new Failure(
      'weightsMissing',
      l10n.t('{0} is not a file, or is a link to one that no longer exists. Download it again.', file),
    );
  }
  try {
    return new FileBytes(file);
  } catch (error) {
    throw new Failure(
      'weightsMissing',
      l10n.t('{0} cannot be read ({1}). Download it again.', file, (error as Error).message),
      {
        cause: error,
      },
    );
  }
}

function readGraph(bytes: FileBytes, file: string): OnnxFile {
  try {
    return readOnnxFile(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw damaged(file, error);
    throw error;
  }
}

/** Where the named data files really lie. */
async function placesOf(entries: readonly ExternalEntry[], file: string): Promise<ReadonlyMap<string, string>> {
  const needed = new Map<string, number>();
  for (const { location, offset, length } of entries) {
    // The name is data from a download: it must not lead out of the folder.
    if (!isPlainName(location)) {
      throw new Failure(
        'weightsCorrupt',
        l10n.t(
          '{0} wants to read its weights from {1}, which is not a plain file name beside it. It was not opened; get the model from a source that you trust.',
          file,
          JSON.stringify(location),
        ),
      );
    }
    needed.set(location, Math.max(needed.get(location) ?? 0, offset + (length ?? 0)));
  }
  const places = new Map<string, string>();
  for (const [location, bytes] of needed) {
    const place = path.join(path.dirname(file), location);
    const entry = await stat(place).catch(() => undefined);
    if (entry?.isFile() !== true) {
      throw new Failure(
        'weightsMissing',
        l10n.t(
          '{0} is missing; {1} keeps its weights there. Download it into the same folder.',
          place,
          path.basename(file),
        ),
      );
    }
    if (entry.size < bytes) {
      throw new Failure(
        'weightsCorrupt',
        l10n.t(
          '{0} is cut off: it has {1} bytes, and {2} needs {3}. Download it again.',
          place,
          entry.size,
          path.basename(file),
          bytes,
        ),
      );
    }
    places.set(location, await realpath(place));
  }
  return places;
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name);
}

function commonFolder(files: readonly string[]): string {
  let folder = path.dirname(files[0] ?? '');
  for (const file of files) {
    while (
      !file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`) && folder !== path.dirname(folder)
    ) folder = path.dirname(folder);
  }
  return folder;
}

function damaged(file: string, cause: RangeError): Failure {
  return new Failure(
    'weightsCorrupt',
    l10n.t(
      '{0} is not a whole ONNX graph: {1}. Download it again; a file of a few lines that begins with "version https://git-lfs" only stands for the real one.',
      file,
      cause.message,
    ),
    { cause },
  );
}
