/** What a report of a problem says of program, machine and models, with nothing in it that is the person's alone. */
import os from 'node:os';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { ModelInfo, ProblemFact } from '../contract/protocol';
import { defaultSettings, type Settings } from '../contract/settings';
import { knownCheckpoint } from '../language/knowledge/models';
import type { RunServices } from './runServices';
import { toFailure } from '../util/failure';
import { packageVersion } from '../util/packageVersion';

export async function gatherProblemFacts(
  { catalog, host }: Pick<RunServices, 'catalog' | 'host'>,
  settings: Settings,
  packageRoot: string,
  token: CancellationToken,
): Promise<readonly ProblemFact[]> {
  const [models, runtime, version] = await Promise.all([
    catalog.list().catch(() => []),
    describeRuntime(host, token),
    packageVersion(packageRoot),
  ]);
  const cpus = os.cpus();
  return [
    { name: 'PaliGemma 2 for VS Code', value: version },
    { name: 'Node.js', value: process.versions.node },
    { name: 'System', value: `${os.type()} ${os.release()}, ${process.arch}` },
    { name: 'Processor', value: `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}` },
    {
      name: 'Memory',
      value: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB, ${(os.freemem() / 2 ** 30).toFixed(1)} free`,
    },
    { name: 'Model host', value: runtime },
    ...describeModels(models),
    ...describeSettings(settings),
  ];
}

async function describeRuntime(host: RunServices['host'], token: CancellationToken): Promise<string> {
  try {
    const { onnxruntime, providers, sharp, libvips } = await host.use(client => client.selfTest(token), token);
    return `onnxruntime ${onnxruntime} (${providers.join(', ')}), sharp ${sharp}, libvips ${libvips}`;
  } catch (error) {
    // The message of a library that does not load names folders.
    const { reason, message } = toFailure(error);
    return `${reason}: ${message.replaceAll(os.homedir(), '~')}`;
  }
}

export function describeModels(models: readonly ModelInfo[]): readonly ProblemFact[] {
  return models.map(({ id, kind, origin, size, resolutionPx, converted, problem }) => ({
    name: 'Model',
    value: [
      isPublic(id, origin) ? id : "of one's own",
      kind,
      origin ?? 'not installed',
      ...(size === undefined ? [] : [size]),
      ...(resolutionPx === undefined ? [] : [`${resolutionPx} px`]),
      converted.length === 0 ? 'not converted' : `converted to ${converted.join(', ')}`,
      ...(problem === undefined ? [] : ['cannot be used']),
    ].join(', '),
  }));
}

/** What differs from the default; names and folders of the person's own are left out. */
export function describeSettings(settings: Settings): readonly ProblemFact[] {
  const keys = Object.keys(defaultSettings) as (keyof Settings)[];
  return keys.filter(key => JSON.stringify(settings[key]) !== JSON.stringify(defaultSettings[key]))
    .map(key => ({ name: `paligemma.${key}`, value: settingValue(key, settings) }));
}

function settingValue(key: keyof Settings, settings: Settings): string {
  const value: unknown = settings[key];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `${value.length} set`;
  if (key === 'musicEngraver') return 'set';
  const isOpen = key !== 'model' || isPublic(settings.model, undefined);
  return isOpen ? JSON.stringify(value) : 'set';
}

/** The name of a published checkpoint or of the demo model tells nothing of the person. */
function isPublic(id: string, origin: ModelInfo['origin']): boolean {
  return origin === 'bundled' || id === 'demo' || knownCheckpoint(id) !== undefined;
}
