/** What the trainer inherits, and where its Python is looked for. */
import { withoutSecrets } from '../util/secretVariables';

/**
 * The person's environment, which says where their packages and graphics cards are, without keys and tokens; and the
 * word that nothing is to be fetched or sent: the model is on this machine.
 */
export function trainerEnvironment(parent: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, ...own } = withoutSecrets(parent);
  return {
    ...own,
    HF_HUB_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    PYTHONUTF8: '1',
    PYTHONUNBUFFERED: '1',
    // The folder of the package is nobody's to write to.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** The one that was named, or what Python is called on the PATH. */
export function pythonsFor(named: string | undefined, platform: NodeJS.Platform): readonly string[] {
  if (named !== undefined && named.trim() !== '') return [named.trim()];
  return platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
}
