/** The built language server with the real host and the demo model in exact weights: what the fault tests drive. */
import type { RunFailure, RunOutcome } from '../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { LspClient, type LspClientOptions } from './lspClient';
import { childrenOf, isAlive, until } from './processes';
import { recordedAnswer, samplePath } from './samples';

const settings = { model: 'demo', weights: 'f32', device: 'cpu' };
/** For a process to be gone; generous, because the machine may be busy. */
const goneMs = 20_000;
const firstLimit = 120;
/** Runs of this test file so far. */
const runs = { count: 0 };
const started = new Set<LspClient>();

// A test that failed must not keep this process waiting for its server.
after(() => started.forEach(({ child }) => child.kill('SIGKILL')));

/**
 * Starts a server, which is killed after the last test if it is still there; `settings` come on top of the demo
 * model's.
 */
export async function startRealServer(cache: string, options: Partial<LspClientOptions> = {}): Promise<LspClient> {
  const client = await LspClient.start({
    ...options,
    env: { PALIGEMMA_CACHE: cache, ...options.env },
    settings: { ...settings, ...options.settings },
  });
  started.add(client);
  return client;
}

/** Another limit of tokens each time, none of which is reached, is another run: nothing comes from the store. */
export async function outcomeOf(
  client: LspClient,
  image: string,
  prompt = 'caption en',
  token?: CancellationToken,
): Promise<RunOutcome> {
  const maxNewTokens = firstLimit + runs.count++;
  const { outcomes } = await client.run(
    { imageUris: [pathToFileURL(samplePath(image)).href], prompt, maxNewTokens },
    token === undefined ? {} : { token },
  );
  return outcomes[0] ?? assert.fail('no outcome');
}

/** A run really takes place and gives the recorded answer. */
export async function assertAnswers(client: LspClient, image: string, prompt = 'caption en'): Promise<void> {
  const outcome = await outcomeOf(client, image, prompt);
  assert.equal('result' in outcome ? outcome.result.suffix : outcome.error.message, recordedAnswer(image, prompt));
}

export async function failureOf(client: LspClient, image: string, prompt = 'caption en'): Promise<RunFailure> {
  const outcome = await outcomeOf(client, image, prompt);
  return 'error' in outcome ? outcome.error : assert.fail('the run worked');
}

/** Pid of the host that this server has now. */
export function hostOf({ child }: LspClient): number | undefined {
  return childrenOf(child.pid ?? 0, 'model-host')[0];
}

/** Pid of the host that this server started last, also where it is gone. */
export function lastHostOf({ log }: LspClient): number | undefined {
  const pid = log.map(line => /Model host (\d+) ready/.exec(line)?.[1]).findLast(match => match !== undefined);
  return pid === undefined ? undefined : Number(pid);
}

export async function assertGone(pid: number | undefined): Promise<void> {
  assert.ok(pid !== undefined);
  await until(`the end of process ${pid}`, goneMs, () => isAlive(pid) ? undefined : true);
}

/** Ends the server in an orderly way; neither it nor its host is left. */
export async function stopRealServer(client: LspClient): Promise<void> {
  const host = hostOf(client);
  await client.stop();
  if (host !== undefined) await assertGone(host);
}
