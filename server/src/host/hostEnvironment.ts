/** What the host inherits from its parent. */
import { withoutSecrets } from '../util/secretVariables';

/** `PALIGEMMA_HOST_INSPECT=6010` opens the host's debugger on that port of this machine; `1` takes the default port. */
const INSPECT_VARIABLE = 'PALIGEMMA_HOST_INSPECT';

/**
 * glibc keeps blocks of up to 32 MB for itself once it has seen one freed: after a folder of pictures that was 340 of
 * 2,690 MB at 3B. Blocks from this size on go back to the system at once, which costs no time that could be measured.
 */
const GLIBC_ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: String(2 ** 20) };

/**
 * The parent's environment, made fit for a plain Node.js child: `ELECTRON_RUN_AS_NODE` for the case that the parent is
 * the editor's own binary, and no debugging flags, since a second process on the same debugging port does not start. No
 * secrets: a key comes with the request that needs it, and reports of a crash list the environment.
 */
export function hostEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...(process.platform === 'linux' ? GLIBC_ALLOCATOR : {}),
    ...withoutSecrets(parent),
    ELECTRON_RUN_AS_NODE: '1',
  };
  const options = parent['NODE_OPTIONS']?.split(' ') ?? [];
  if (options.some(isDebugFlag)) environment['NODE_OPTIONS'] = options.filter(option => !isDebugFlag(option)).join(' ');
  return environment;
}

/** The host frees the keys and values of a run when it ends. Source: model-host/src/runtime/freeMemory.ts. */
const COLLECTOR_FLAG = '--expose-gc';

/** Flags of the child's Node.js: none of the parent's, its own, and the debugger where it was asked for by name. */
export function hostExecArgv(parent: NodeJS.ProcessEnv): string[] {
  const wanted = parent[INSPECT_VARIABLE];
  if (wanted === undefined || wanted === '') return [COLLECTOR_FLAG];
  const port = Number(wanted);
  return [
    COLLECTOR_FLAG,
    Number.isInteger(port) && port > 1 && port < 65_536 ? `--inspect=127.0.0.1:${port}` : '--inspect',
  ];
}

function isDebugFlag(option: string): boolean {
  return /^--(inspect|debug)/.test(option);
}
