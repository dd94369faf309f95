/** What the host inherits from its parent. */

/** `PALIGEMMA_HOST_INSPECT=6010` opens the host's debugger on that port of this machine; `1` takes the default port. */
const INSPECT_VARIABLE = 'PALIGEMMA_HOST_INSPECT';

/**
 * The parent's environment, made fit for a plain Node.js child: `ELECTRON_RUN_AS_NODE` for the case that the parent is
 * the editor's own binary, and no debugging flags, since a second process on the same debugging port does not start.
 */
export function hostEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...parent, ELECTRON_RUN_AS_NODE: '1' };
  const options = parent['NODE_OPTIONS']?.split(' ') ?? [];
  if (options.some(isDebugFlag)) environment['NODE_OPTIONS'] = options.filter(option => !isDebugFlag(option)).join(' ');
  return environment;
}

/** Flags of the child's Node.js: none of the parent's, only the debugger where it was asked for by name. */
export function hostExecArgv(parent: NodeJS.ProcessEnv): string[] {
  const wanted = parent[INSPECT_VARIABLE];
  if (wanted === undefined || wanted === '') return [];
  const port = Number(wanted);
  return [Number.isInteger(port) && port > 1 && port < 65_536 ? `--inspect=127.0.0.1:${port}` : '--inspect'];
}

function isDebugFlag(option: string): boolean {
  return /^--(inspect|debug)/.test(option);
}
