/**
 * Puts a model of an inference server into use: address, key, what it serves, and the person's consent that pictures
 * leave this machine.
 */
import { l10n } from 'vscode';
import type { CancellationToken, QuickPickItem } from 'vscode';
import type { ServedModel, ServerProbe } from '../../../server/src/contract/protocol';
import { toFailure } from '../errors/failure';
import type { ServerClient } from '../connection/languageClient';
import { withLateProgress } from '../progress/lateProgress';
import { isTrustedOrAsk } from '../common/trust';
import { writeModel } from './modelSetting';
import type { Secrets } from './secrets';
import { hostOf, hostsOf } from '../../../paligemma/src/serverNames';
import { commonModels, consentText, maskText, originOf, readServerUrls } from './serverTexts';
import type { ModelServices } from './services';
import { window } from '../common/window';

const RESOLUTIONS_PX = [224, 448, 896];

/** @returns whether a server was chosen. @throws what the language server says of a server that cannot be used. */
export async function useServer({ client, secrets }: ModelServices): Promise<boolean> {
  if (!isTrustedOrAsk()) return false;
  const urls = await askUrls();
  if (urls === undefined) return false;
  const probes = await probeAll(urls, client, secrets);
  if (probes === undefined) return false;
  const model = await askModel(probes);
  if (model === undefined) return false;
  const resolutionPx = model.resolutionPx ?? await askResolution(model.id);
  if (resolutionPx === undefined) return false;
  const places = probes.map(({ url }) => url);
  const send = l10n.t('Send Pictures There');
  const consent = await window.showWarningMessage(l10n.t('Send pictures to {0}?', hostsOf(places)), {
    modal: true,
    detail: consentText(model, places, l10n.t),
  }, send);
  if (consent !== send) return false;
  // The servers are asked once more, by those who keep what they said.
  const added = await withLateProgress(
    l10n.t('Registering {0}', model.id),
    (_, token) => unlessCancelled(client.addServer({ urls: places, model: model.id, resolutionPx }, token), token),
  );
  if (added === undefined) return false;
  await writeModel(added.id);
  void window.showInformationMessage(
    l10n.t('{0} answers from now on. Pictures that you run prompts on are sent to {1}.', model.id, hostsOf(places)),
  );
  return true;
}

/** Forgets the key of a server; the next use of it asks again. */
export async function forgetServerKey(secrets: Secrets): Promise<void> {
  const origins = secrets.keyOrigins;
  if (origins.length === 0) {
    void window.showInformationMessage(l10n.t('No server key is stored here.'));
    return;
  }
  const origin = await window.showQuickPick(origins, {
    title: l10n.t('Forget Server Key'),
    placeHolder: l10n.t('The server whose key is forgotten'),
  });
  if (origin === undefined) return;
  await secrets.forgetServerKey(origin);
  void window.showInformationMessage(l10n.t('The key for {0} was forgotten.', hostOf(origin)));
}

async function askUrls(): Promise<readonly string[] | undefined> {
  const text = await window.showInputBox({
    title: l10n.t('Use a Server'),
    ignoreFocusOut: true,
    placeHolder: 'http://localhost:8000',
    prompt: l10n.t(
      'Address of an OpenAI-compatible server that runs PaliGemma 2, for example vLLM. Several servers of the same model are separated by commas.',
    ),
    validateInput: value => {
      const read = readServerUrls(value, l10n.t);
      return 'problem' in read ? read.problem : undefined;
    },
  });
  if (text === undefined) return undefined;
  const read = readServerUrls(text, l10n.t);
  return 'urls' in read ? read.urls : undefined;
}

/** One after the other, since each may want a key. Undefined where the person left. */
async function probeAll(
  urls: readonly string[],
  client: ServerClient,
  secrets: Secrets,
): Promise<readonly ServerProbe[] | undefined> {
  const probes: ServerProbe[] = [];
  for (const url of urls) {
    const probe = await probeOne(url, client, secrets);
    if (probe === undefined) return undefined;
    probes.push(probe);
  }
  return probes;
}

/** Asks for a key as long as the server refuses the one that is known; a key is kept once it was taken. */
async function probeOne(url: string, client: ServerClient, secrets: Secrets): Promise<ServerProbe | undefined> {
  let apiKey = await secrets.serverKey(url);
  let isNew = false;
  for (;;) {
    const answer = await probe(url, apiKey, client);
    if (answer === undefined) return undefined;
    if (!('refusal' in answer)) {
      if (isNew && apiKey !== undefined) await secrets.keepServerKey(url, apiKey);
      return answer;
    }
    apiKey = await askKey(url, apiKey === undefined ? undefined : answer.refusal);
    if (apiKey === undefined) return undefined;
    isNew = true;
  }
}

/** Undefined where the person left. @throws failures other than the refusal of a key. */
function probe(
  url: string,
  apiKey: string | undefined,
  client: ServerClient,
): Promise<ServerProbe | { readonly refusal: string } | undefined> {
  return withLateProgress(l10n.t('Asking {0} what it serves', hostOf(url)), async (_, token) => {
    try {
      return await unlessCancelled(
        client.probeServer({ url, ...(apiKey === undefined ? {} : { apiKey }) }, token),
        token,
      );
    } catch (error) {
      const { reason, message } = toFailure(error, l10n.t);
      if (reason === 'serverRefused') return { refusal: message };
      throw error;
    }
  });
}

async function unlessCancelled<T>(work: Promise<T>, token: CancellationToken): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (token.isCancellationRequested && toFailure(error, l10n.t).kind === 'cancelled') return undefined;
    throw error;
  }
}

/** @param refusal What the server said of the key before; absent where there was none. */
async function askKey(url: string, refusal: string | undefined): Promise<string | undefined> {
  const key = await window.showInputBox({
    title: l10n.t('Key for {0}', originOf(url)),
    password: true,
    ignoreFocusOut: true,
    prompt: refusal === undefined
      ? l10n.t('The server asks for a key. It is kept in the editor’s secret storage, for this server only.')
      : l10n.t('The server did not accept this key: {0}', refusal),
    validateInput: value => value.trim() === '' ? l10n.t('Paste the key, or press Escape.') : undefined,
  });
  return key?.trim();
}

async function askModel(probes: readonly ServerProbe[]): Promise<ServedModel | undefined> {
  const models = commonModels(probes);
  if (models.length === 0) {
    void window.showWarningMessage(
      probes.length > 1
        ? l10n.t('These servers have no model in common. Name servers that serve the same model.')
        : l10n.t('This server serves no model.'),
    );
    return undefined;
  }
  const items = models.map((model): QuickPickItem & { readonly model: ServedModel } => ({
    model,
    label: `${model.mask === 'prefix' ? '$(cloud)' : '$(warning)'} ${model.id}`,
    ...(model.resolutionPx === undefined ? {} : { description: l10n.t('{0} px', model.resolutionPx) }),
    detail: [maskText(model.mask, l10n.t), ...(model.note === undefined ? [] : [model.note])].join(' · '),
  }));
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Choose a Model of {0}', hostsOf(probes.map(({ url }) => url))),
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  return choice?.model;
}

async function askResolution(model: string): Promise<number | undefined> {
  const items = RESOLUTIONS_PX.map(px => ({ label: l10n.t('{0} px', px), px }));
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Resolution of {0}', model),
    placeHolder: l10n.t('The side of its pictures in pixels; the model’s name usually ends with it'),
    ignoreFocusOut: true,
  });
  return choice?.px;
}
