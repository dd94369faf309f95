import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostEnvironment, hostExecArgv } from '../../../server/src/host/hostEnvironment';

test('the host runs as plain Node.js, with everything else that the parent has', () => {
  const { MALLOC_MMAP_THRESHOLD_: threshold, ...environment } = hostEnvironment({
    PATH: '/bin',
    CUDA_VISIBLE_DEVICES: '1',
  });
  assert.deepEqual(environment, { PATH: '/bin', CUDA_VISIBLE_DEVICES: '1', ELECTRON_RUN_AS_NODE: '1' });
  assert.equal(threshold, process.platform === 'linux' ? '1048576' : undefined);
  assert.equal(
    hostEnvironment({ MALLOC_MMAP_THRESHOLD_: '4096' })['MALLOC_MMAP_THRESHOLD_'],
    '4096',
    'what the person set stays',
  );
});

test('secrets of the parent stay with the parent, in whatever letters Windows has them', () => {
  const environment = hostEnvironment({
    PALIGEMMA_API_KEY: 'a',
    HF_TOKEN: 'b',
    hf_token: 'c',
    HUGGING_FACE_HUB_TOKEN: 'd',
  });
  assert.deepEqual(Object.keys(environment).filter(name => /key|token/i.test(name)), []);
});

test('debugging flags of the parent stay with the parent, other flags do not', () => {
  assert.equal(
    hostEnvironment({ NODE_OPTIONS: '--inspect-brk=9229 --max-old-space-size=4096 --inspect' })['NODE_OPTIONS'],
    '--max-old-space-size=4096',
  );
  assert.equal(hostEnvironment({ NODE_OPTIONS: '--require "/a  b/c.js"' })['NODE_OPTIONS'], '--require "/a  b/c.js"');
  assert.deepEqual(hostExecArgv({ NODE_OPTIONS: '--inspect' }), ['--expose-gc']);
});

test('a debugger is opened where it is asked for, on this machine only', () => {
  assert.deepEqual(hostExecArgv({ PALIGEMMA_HOST_INSPECT: '6010' }), ['--expose-gc', '--inspect=127.0.0.1:6010']);
  assert.deepEqual(hostExecArgv({ PALIGEMMA_HOST_INSPECT: '1' }), ['--expose-gc', '--inspect']);
  assert.deepEqual(hostExecArgv({ PALIGEMMA_HOST_INSPECT: '' }), ['--expose-gc']);
});
