/** Folders as people write them into settings: with the variables of VS Code, or as `file:` URLs. */
import { fileURLToPath } from 'node:url';
import { isElsewhere, machineOf, machineOfPath } from '../../../../paligemma/src/otherMachines';
import { isSecretVariable } from '../../util/secretVariables';

export interface SettingSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly homePath: string;
  /** The first folder that is open; undefined where none is. */
  readonly workspacePath: string | undefined;
}

/** Paths in the order of the setting; one sentence for each entry that names no folder and is left out. */
export function readSettingFolders(
  setting: string,
  written: readonly string[],
  surroundings: SettingSurroundings,
): { readonly paths: readonly string[]; readonly problems: readonly string[] } {
  const paths: string[] = [];
  const problems: string[] = [];
  for (const text of written) {
    const unknown: string[] = [];
    const folder = text.replace(/\$\{([^}]*)\}/g, (variable, name: string) => {
      const value = valueOf(name, surroundings);
      if (value === undefined) unknown.push(variable);
      return value ?? variable;
    });
    const path = pathOf(folder);
    if (unknown.length > 0) problems.push(unknownVariable(setting, text, unknown[0] ?? ''));
    else if (isElsewhere(machineOf(folder), machinesOf(surroundings))) problems.push(onAnotherMachine(setting, text));
    else if (path === undefined) {
      problems.push(`${setting}: “${text}” is not a folder on this machine. Write its path, or its file: URL.`);
    } else paths.push(path);
  }
  return { paths, problems };
}

function valueOf(name: string, { env, homePath, workspacePath }: SettingSurroundings): string | undefined {
  if (name === 'userHome') return homePath;
  if (name === 'workspaceFolder') return workspacePath;
  const variable = /^env:(.*)$/s.exec(name)?.[1];
  // A folder is told in the log, and a key is no part of a path.
  return variable === undefined || isSecretVariable(variable) ? undefined : env[variable];
}

function pathOf(folder: string): string | undefined {
  if (!/^file:/i.test(folder)) return folder;
  try {
    return fileURLToPath(folder);
  } catch {
    return undefined;
  }
}

/** Those that the workspace and the person's own folder lie on. */
function machinesOf({ homePath, workspacePath = homePath }: SettingSurroundings): readonly (string | undefined)[] {
  return [homePath, workspacePath].map(machineOfPath);
}

function onAnotherMachine(setting: string, text: string): string {
  return `${setting}: “${text}” is on another machine and is left out: to look there would tell it who is logged in, and a setting may be another person's. Add the model in a terminal (paligemma models add FOLDER).`;
}

function unknownVariable(setting: string, text: string, variable: string): string {
  const cure = variable === '${workspaceFolder}'
    ? 'no folder is open. Open one, or write the path'
    : 'that variable is not known here. Write the path, or use ${userHome}, ${workspaceFolder} or ${env:NAME}';
  return `${setting}: “${text}” is left out, because ${cure}.`;
}
