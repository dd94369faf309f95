// What the test serves, and what must come out of it.
import { contextTokens } from './vllmServer.mjs';

/** What a server needs for the plugin's mask to hold. */
const pluginFlags = [
  '--no-enable-prefix-caching',
  '--no-enable-chunked-prefill',
  '--max-num-batched-tokens',
  String(contextTokens),
];
/**
 * A window that holds every prompt of the test (258 to 271 tokens: a longer one would lose its mask) but not prompt and
 * answer, so one-token steps slide.
 */
export const smallWindow = 271;
const noWindow = ['--hf-overrides', JSON.stringify({ text_config: { sliding_window: contextTokens } })];

/**
 * `equal`: the local answers must be the server's; `different`: they must not, because the server applies another mask;
 * `refused`: the server must not start.
 * @typedef {{ name: string, withPlugin: boolean, flags: readonly string[], env?: Record<string, string>, slides?:
 *   boolean, attention: 'full' | 'sliding', expect: 'equal' | 'different' | 'refused', byDefault: boolean }} Round
 *   `slides`: the checkpoint with {@link smallWindow}.
 */
/** @type {readonly Round[]} */
export const rounds = [
  { name: 'stock', withPlugin: false, flags: [], attention: 'full', expect: 'different', byDefault: true },
  { name: 'plugin', withPlugin: true, flags: pluginFlags, attention: 'full', expect: 'equal', byDefault: true },
  {
    name: 'two processes',
    withPlugin: true,
    flags: [...pluginFlags, '--tensor-parallel-size', '2'],
    env: { VLLM_CPU_OMP_THREADS_BIND: '0|1' },
    attention: 'full',
    expect: 'equal',
    byDefault: false,
  },
  { name: 'no flags', withPlugin: true, flags: [], attention: 'full', expect: 'refused', byDefault: false },
  {
    name: 'window',
    withPlugin: true,
    flags: [...pluginFlags, ...noWindow],
    slides: true,
    attention: 'full',
    expect: 'equal',
    byDefault: false,
  },
  {
    name: 'window kept',
    withPlugin: true,
    flags: pluginFlags,
    env: { PALIGEMMA_PREFIX_MASK: 'warn' },
    slides: true,
    attention: 'sliding',
    expect: 'equal',
    byDefault: false,
  },
];
