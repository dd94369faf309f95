// Stands in the place of dist/server.js: hands everything on to the real language server, and answers by a script what
// concerns inference servers. The script is the JSON of SCRIPTED_SERVERS: { [origin]: { key?, models?, hangs? } }.
const { fork } = require('node:child_process');
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const script = JSON.parse(process.env.SCRIPTED_SERVERS ?? '{}');
const real = fork(path.join(__dirname, 'server.real.js'), process.argv.slice(2));
const added = new Map();
const hanging = new Set();
const listRequests = new Set();
/** What is done with the client's answer to a request of the script, by its id. */
const waiting = new Map();
const toClient = message => process.connected && process.send({ jsonrpc: '2.0', ...message });
const fail = (id, code, kind, reason, message) => toClient({ id, error: { code, message, data: { kind, reason } } });

const answers = {
  'paligemma/probeServer': ({ id, params: { url, apiKey } }) => {
    const server = script[new URL(url).origin];
    if (server === undefined) return fail(id, 1601, 'environment', 'serverUnreachable', `${url} cannot be reached. Check the address, and that the server runs.`);
    if (server.hangs) return hanging.add(id);
    if (server.key !== undefined && server.key !== apiKey) return fail(id, 1602, 'user', 'serverRefused', `${url} refuses the key. Give another one.`);
    toClient({ id, result: { url: `${new URL(url).origin}/v1`, dialect: 'vllm', models: server.models ?? [] } });
  },
  'paligemma/addServer': ({ id, params }) => {
    const model = `${params.urls[0]}#${params.model}`;
    const served = script[new URL(params.urls[0]).origin].models.find(one => one.id === params.model);
    added.set(model, { id: model, kind: 'mix', isInstalled: true, converted: [], origin: 'server', resolutionPx: params.resolutionPx, server: { urls: params.urls, mask: served.mask } });
    toClient({ id, result: { id: model } });
    toClient({ method: 'paligemma/statusChanged', params: { state: 'ready', model, device: 'remote', sendsTo: params.urls.map(url => new URL(url).host).join(', ') } });
  },
  'paligemma/run': message => {
    const [model] = [...added.values()];
    if (model === undefined) return real.send(message);
    const { id, params } = message;
    const [url] = model.server.urls;
    const request = `script-${id}`;
    waiting.set(request, ({ apiKey }) => {
      if (script[new URL(url).origin].key !== apiKey) return fail(id, 1602, 'user', 'serverRefused', `${url} refuses the key.`);
      const [imageUri] = params.imageUris;
      const image = fileURLToPath(imageUri);
      const suffix = 'written by the script';
      toClient({ id, result: { outcomes: [{ imageUri, result: {
        image: { path: image, widthPx: 64, heightPx: 64, sha256: createHash('sha256').update(readFileSync(image)).digest('hex') }, model: model.id, device: 'remote', prompt: params.prompt,
        suffix, tokenIds: [], tokenProbabilities: [], stopReason: 'eos', regions: [], text: suffix, timings: { loadMs: 0, imageMs: 1, visionMs: 0, prefillMs: 0, decodeMs: 1, tokens: 4 }, fromStore: false,
      } }] } });
    });
    toClient({ id: request, method: 'paligemma/apiKey', params: { url } });
  },
  'paligemma/removeModel': message => {
    if (!added.delete(message.params.id)) return real.send(message);
    toClient({ id: message.id, result: { bytesFreed: 0 } });
    toClient({ method: 'paligemma/statusChanged', params: { state: 'idle' } });
  },
  '$/cancelRequest': message => {
    if (!hanging.delete(message.params.id)) return real.send(message);
    toClient({ id: message.params.id, error: { code: -32800, message: 'cancelled' } });
  },
};

process.on('message', message => {
  const answered = message.method === undefined ? waiting.get(message.id) : undefined;
  if (answered !== undefined) {
    waiting.delete(message.id);
    return answered(message.result ?? {});
  }
  if (message.method === 'paligemma/listModels') listRequests.add(message.id);
  const answer = answers[message.method];
  if (answer === undefined) real.send(message);
  else answer(message);
});
real.on('message', message => {
  const isList = message.method === undefined && listRequests.delete(message.id) && Array.isArray(message.result);
  // While a server is chosen, the status is the script's.
  if (message.method === 'paligemma/statusChanged' && added.size > 0) return;
  process.send(isList ? { ...message, result: [...message.result, ...added.values()] } : message);
});
real.on('exit', code => process.exit(code ?? 1));
process.on('disconnect', () => real.disconnect());
