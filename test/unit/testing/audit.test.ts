// What npm says of vulnerabilities: a finding fails, a registry that does not tell is never taken for a clean answer.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Audit {
  readonly readAudit: (output: string) => { readonly findings?: readonly string[]; readonly skipped?: string };
}

let audit: Audit;
before(async () => {
  audit = await scriptModule<Audit>('testing/audit.mjs');
});

test('a clean answer has no findings', () => {
  assert.deepEqual(audit.readAudit('{"auditReportVersion": 2, "vulnerabilities": {}}'), { findings: [] });
});

test('a finding names the package, how bad it is, and why', () => {
  const answer = {
    vulnerabilities: {
      a: { name: 'a', severity: 'high', range: '<2', via: [{ title: 'Runs anything' }] },
      b: { name: 'b', severity: 'low', range: '*', via: ['a'] },
    },
  };
  assert.deepEqual(audit.readAudit(JSON.stringify(answer)), {
    findings: ['a <2: high, Runs anything', 'b *: low, through a'],
  });
});

test('a refusal, an error and no answer are told as skipped, with the reason', () => {
  assert.deepEqual(audit.readAudit('{"message": "405 Method Not Allowed", "statusCode": 405}'), {
    skipped: '405 Method Not Allowed',
  });
  assert.deepEqual(audit.readAudit('{"error": {"summary": "request failed"}}'), { skipped: 'request failed' });
  assert.deepEqual(audit.readAudit(''), { skipped: 'npm audit said nothing' });
  assert.deepEqual(audit.readAudit('{"metadata": {}}'), { skipped: 'its answer has no list of vulnerabilities' });
});
