/** The workflows run on what is supported, and hand nobody more than is needed. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

const folder = '.github/workflows';
const workflows = readdirSync(folder).map(file => ({ file, text: readFileSync(`${folder}/${file}`, 'utf8') }));
const ci = workflows.find(({ file }) => file === 'ci.yml')?.text ?? assert.fail('there is no ci.yml');
let parts: Readonly<Record<string, object>>;
before(async () => {
  parts = (await scriptModule<{ readonly parts: Readonly<Record<string, object>> }>('testing/parts.mjs')).parts;
});

/** The lines of each job, by its name. */
function jobsOf(text: string): ReadonlyMap<string, string> {
  const [, jobs = ''] = text.split(/^jobs:\n/m);
  return new Map(
    jobs.split(/^(?= {2}\w[\w-]*:$)/m).filter(job => job.trim() !== '').map(
      job => [/\w[\w-]*/.exec(job)?.[0] ?? '', job],
    ),
  );
}

/** A list of YAML on one line, `key: [a, b]`. */
function listOf(text: string, key: string): string[] {
  return new RegExp(`^ *${key}: \\[(.*)\\]$`, 'm').exec(text)?.[1]?.split(',').map(item => item.trim()) ?? [];
}

test('a workflow has no rights, and each of its jobs those that it names, none to write', () => {
  for (const { file, text } of workflows) {
    assert.match(text, /^permissions: \{\}$/m, file);
    const jobs = jobsOf(text);
    assert.ok(jobs.size > 0, file);
    for (const [name, job] of jobs) {
      assert.match(job, /^ {4}permissions:\n {6}contents: read\n(?! {6}\S)/m, `${file}, ${name}`);
      assert.match(job, /^ {4}timeout-minutes: \d+$/m, `${file}, ${name}`);
    }
    assert.doesNotMatch(text, /: write\b|write-all|pull_request_target|secrets\./, file);
  }
});

test('actions are pinned by commit, with the version beside it, one commit for each', () => {
  const uses = workflows.flatMap(({ text }) => [...text.matchAll(/^ *-? *uses: (.*)$/gm)].map(([, used = '']) => used));
  assert.ok(uses.length >= 4);
  for (const used of uses) assert.match(used, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const names = new Set(uses.map(used => used.split('@')[0]));
  assert.equal(new Set(uses).size, names.size, [...new Set(uses)].join('\n'));
  for (const { text } of workflows) {
    const checkouts = [...text.matchAll(/uses: actions\/checkout@.*\n(.*\n.*)/g)];
    for (const [, next = ''] of checkouts) assert.match(next, /persist-credentials: false/);
  }
});

test('a newer push ends the runs of the older one', () => {
  for (const { file, text } of workflows) {
    assert.match(text, /^concurrency:\n {2}group: .*\n {2}cancel-in-progress: true$/m, file);
  }
});

test('the tests that need no editor run on three systems, with the oldest Node.js that is supported and newer ones', () => {
  const job = jobsOf(ci).get('platforms') ?? assert.fail('there is no such job');
  assert.deepEqual(listOf(job, 'os').map(name => name.replace(/-.*/, '')).sort(), ['macos', 'ubuntu', 'windows']);
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const versions = listOf(job, 'node').map(Number);
  assert.equal(Math.min(...versions), Number(/\d+/.exec(engines.node)?.[0]));
  assert.ok(versions.length >= 3);
  const [, named = ''] = /run: node scripts\/test\.mjs (.*)$/m.exec(job) ?? [];
  const wanted = ['lint', 'format', 'types', 'unit', 'protocol', 'cli', 'faults'];
  assert.deepEqual(named.split(' '), wanted);
  assert.deepEqual(wanted.filter(name => !Object.hasOwn(parts, name)), []);
});

test('everything runs on Linux', () => {
  assert.match(jobsOf(ci).get('everything') ?? '', /container: node:20-bookworm\n[\s\S]*run: \.ci\/run$/m);
  assert.match(readFileSync('.ci/run', 'utf8'), /^exec npm test$/m);
});

test('updates are asked for of the actions, of npm and of the plugin, each in one group', () => {
  const text = readFileSync('.github/dependabot.yml', 'utf8');
  const updates = text.split(/^ {2}- package-ecosystem: /m).slice(1);
  const kinds = updates.map(update => [update.split('\n')[0], /directory: (.*)/.exec(update)?.[1]].join(' '));
  assert.deepEqual(kinds.sort(), ['github-actions /', 'npm /', 'pip /vllm-plugin']);
  for (const update of updates) assert.match(update, /groups:\n +\w+:\n +patterns: \['\*'\]/);
});
