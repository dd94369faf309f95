/** The command that gathers what a report of a problem needs, for the person to read, complete and send. */
import { env, extensions, l10n, UIKind, version, workspace } from 'vscode';
import type { ProblemFact } from '../../../server/src/contract/protocol';
import type { ServerClient } from '../connection/languageClient';
import { problemReport } from './problemReport';
import { window } from '../common/window';

/** Opens an untitled Markdown document; nothing is sent anywhere. */
export async function reportProblem(client: ServerClient): Promise<void> {
  const content = problemReport([...editorFacts(), ...await client.problemFacts()], l10n.t);
  await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content }));
}

function editorFacts(): readonly ProblemFact[] {
  return [
    { name: env.appName, value: version },
    {
      name: l10n.t('Window'),
      value: [
        env.uiKind === UIKind.Web ? l10n.t('in a browser') : l10n.t('on the desktop'),
        ...(env.remoteName === undefined ? [] : [env.remoteName]),
      ].join(', '),
    },
    {
      name: l10n.t('Workspace'),
      value: [
        workspace.isTrusted ? l10n.t('trusted') : l10n.t('restricted'),
        l10n.t('{0} folders', workspace.workspaceFolders?.length ?? 0),
      ].join(', '),
    },
    {
      name: l10n.t('Other extensions'),
      value: String(
        extensions.all.filter(({ packageJSON }) => (packageJSON as { readonly isBuiltin?: unknown }).isBuiltin !== true)
          .length - 1,
      ),
    },
  ];
}
