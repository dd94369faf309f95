// The same questions to the local engine, to a server by plain requests, and to a server through the product's command
// line.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { servedModel } from './vllmServer.mjs';

export const answerTokens = 24;
const endToken = 1;
const limitMs = 10 * 60_000;
const program = path.join(root, 'dist/cli.js');

/**
 * An answer is its token ids, without the end token.
 * @typedef {{ prompt: string, image: string, tokenIds: readonly number[] }} Answer
 */

/**
 * Answers of the local engine: exact weights, on the CPU.
 * @param {{ model: string, attention: 'full' | 'sliding', prompts: readonly string[], images: readonly string[], cache:
 *   string }} options
 * @returns {Promise<Answer[]>} prompt by prompt, in each the images in order.
 */
export function localAnswers({ model, attention, prompts, images, cache }) {
  return commandAnswers(['--model', model, '--weights', 'f32', '--attention', attention, '--device', 'cpu'], {
    prompts,
    images,
    cache,
  });
}

/** Whether this build's command line takes the address of a server as a model. */
export async function knowsServers(cache) {
  const { output } = await command(['run', '--help'], cache);
  return /--model\b.*\bURL\b/.test(output);
}

/** Answers of a server through `paligemma models add URL` and `--model URL`; the key comes from the environment. */
export async function productAnswers({ url, apiKey, prompts, images, cache }) {
  const env = { PALIGEMMA_API_KEY: apiKey };
  const added = await command(['models', 'add', `${url}/v1`, '--yes'], cache, env);
  if (added.code !== 0) throw new Error(`paligemma models add failed: ${added.errors.trim()}`);
  return commandAnswers(['--model', `${url}/v1`], { prompts, images, cache, env });
}

async function commandAnswers(options, { prompts, images, cache, env }) {
  const answers = [];
  for (const prompt of prompts) {
    const { code, output, errors } = await command(
      ['run', prompt, ...images, ...options, '--max-new-tokens', String(answerTokens), '--no-cache', '--json'],
      cache,
      env,
    );
    if (code !== 0) {
      throw new Error(
        `paligemma run ${options.join(' ')} failed: ${(errors || output).trim().split('\n').slice(-3).join(' ')}`,
      );
    }
    const results = output.trim().split('\n').map(line => JSON.parse(line));
    if (results.length !== images.length) {
      throw new Error(`paligemma run gave ${results.length} results for ${images.length} pictures`);
    }
    answers.push(...results.map((result, index) => ({ prompt, image: images[index], tokenIds: result.tokenIds })));
  }
  return answers;
}

function command(words, cache, env) {
  return new Promise(resolve => {
    execFile(process.execPath, [program, ...words], {
      cwd: root,
      timeout: limitMs,
      maxBuffer: 64e6,
      env: { ...process.env, PALIGEMMA_CACHE: cache, ...env },
    }, (error, output, errors) => resolve({ code: error === null ? 0 : error.code ?? 1, output, errors }));
  });
}

/**
 * Answers of a server by plain requests. Pictures must have the model's size already, or the server resizes them.
 * @param {{ url: string, apiKey: string, prompts: readonly string[], images: readonly string[], atOnce: boolean }}
 *   options
 * @returns {Promise<Answer[]>}
 */
export async function serverAnswers({ url, apiKey, prompts, images, atOnce }) {
  const questions = prompts.flatMap(prompt => images.map(image => ({ prompt, image })));
  const ask = async question => {
    const reply = await chat(url, apiKey, question, { max_tokens: answerTokens });
    const tokenIds = reply.choices[0].token_ids;
    return { ...question, tokenIds: tokenIds.at(-1) === endToken ? tokenIds.slice(0, -1) : tokenIds };
  };
  if (atOnce) return Promise.all(questions.map(ask));
  const answers = [];
  for (const question of questions) answers.push(await ask(question));
  return answers;
}

/**
 * By how much the log-probability of the prompt's first word changes with the word behind it: 0 where the text is
 * causal.
 * @param {readonly [string, string]} prompts Two words each, equal in the first, of equally many tokens.
 */
export async function maskProbe({ url, apiKey, image, prompts }) {
  const scores = [];
  for (const prompt of prompts) {
    const reply = await chat(url, apiKey, { prompt, image }, { max_tokens: 1, prompt_logprobs: 1 });
    const first = reply.prompt_token_ids.indexOf(2) + 1;
    scores.push(reply.prompt_logprobs[first][reply.prompt_token_ids[first]].logprob);
  }
  return Math.abs(scores[0] - scores[1]);
}

/** The request body that the product sends to vLLM, but not streamed. */
async function chat(url, apiKey, { prompt, image }, more) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({
      model: servedModel,
      temperature: 0,
      skip_special_tokens: false,
      spaces_between_special_tokens: false,
      return_token_ids: true,
      ...more,
      messages: [{
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${readFileSync(image).toString('base64')}` } },
          { type: 'text', text: prompt },
        ],
      }],
    }),
    signal: AbortSignal.timeout(5 * 60_000),
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  return response.json();
}
