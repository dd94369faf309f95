/** What the server's result store knows of the pictures of a run: answers of before, and masks that were given up. */
import type { CancellationToken } from 'vscode';
import { storedResults } from '../../../../server/src/contract/protocol';
import { given } from '../../../../paligemma/src/given';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ServerClient } from '../../connection/languageClient';

/** Pictures in one request. */
const REQUEST_SIZE = 100;

/** Undefined for those of which nothing is known. @throws the failure of the request. */
export async function storedAnswers(
  client: ServerClient,
  { order: { prompt, choices, pictures } }: ResultSet,
  indices: readonly number[],
  token?: CancellationToken,
): Promise<(RunResult | undefined)[]> {
  const imageUris = indices.map(index => pictures[index]?.imageUri ?? '');
  const server = await client.start();
  const { results } = await server.sendRequest(storedResults, { imageUris, prompt, ...given(choices) }, token);
  return results.map(result => result ?? undefined);
}

/** Fills in what is known of pictures, for example of those that a batch had answered before it was interrupted. */
export async function fillFromStore(
  client: ServerClient,
  set: ResultSet,
  wanted: readonly number[],
  put: (index: number, result: RunResult) => void,
): Promise<void> {
  for (let from = 0; from < wanted.length; from += REQUEST_SIZE) {
    const indices = wanted.slice(from, from + REQUEST_SIZE);
    const results = await storedAnswers(client, set, indices);
    results.forEach((result, at) => {
      const index = indices[at];
      if (result !== undefined && index !== undefined) put(index, result);
    });
  }
}
