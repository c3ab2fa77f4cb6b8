import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Job {
  uses?: string;
  needs?: string;
  permissions?: Record<string, string>;
  steps?: Array<{ uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }>;
}

interface Workflow {
  on: Record<string, { branches?: string[]; tags?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = new URL('../../../.github/workflows/', import.meta.url);
const names = readdirSync(folder);
const text = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const workflow = (name: string) => parse(text(name), { uniqueKeys: true }) as Workflow;
const commands = (job: Job | undefined) => (job?.steps ?? []).map(({ run = '' }) => run).join('\n');

describe.each(names)('the workflow %s', (name) => {
  const { on, permissions, jobs } = workflow(name);
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

  it('grants nothing to a job that does not ask for it', () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job.permissions).toBeTypeOf('object');
  });

  it('takes actions by the hash of a commit, with its version beside it', () => {
    for (const { uses } of [...steps, ...Object.values(jobs)]) {
      if (uses !== undefined && !uses.startsWith('./')) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    }
    const lines = text(name).match(/uses: [^.].*$/gm) ?? [];
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('leaves no token in the checkout, and runs nobody else’s code with rights', () => {
    for (const { uses, with: inputs } of steps) {
      if (uses?.startsWith('actions/checkout@')) expect(inputs).toEqual({ 'persist-credentials': false });
    }
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(Object.keys(on)).not.toContain('workflow_run');
  });

  it('puts no text of an event into a command', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });
});

describe('the workflows', () => {
  it('CI runs .ci/run on pushes and pull requests, and may only read', () => {
    const { on, jobs } = workflow('ci.yml');
    expect(Object.keys(on)).toEqual(expect.arrayContaining(['push', 'pull_request']));
    expect(Object.values(jobs).map((job) => job.permissions)).toEqual([{ contents: 'read' }]);
    expect(commands(jobs.test)).toContain('.ci/run');
  });

  it('a release is made of a tag that was tested, is the version, and is built twice with the same bytes', () => {
    const { on, jobs } = workflow('release.yml');
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs.test?.uses).toBe('./.github/workflows/ci.yml');
    expect(jobs.release?.needs).toBe('test');
    expect(commands(jobs.release).match(/npm run release -- --tag "\$TAG"/g)).toHaveLength(2);
    expect(commands(jobs.release)).toContain('diff -r first dist-release');
  });

  it('it is published with the provenance of each file; only this job may write', () => {
    const { jobs } = workflow('release.yml');
    expect(jobs.release?.permissions).toEqual({ contents: 'write', 'id-token': 'write', attestations: 'write' });
    expect(jobs.test?.permissions).toEqual({ contents: 'read' });
    const order = (jobs.release?.steps ?? []).map(({ uses, run }) => uses?.split('@')[0] ?? run?.split(' ')[0] ?? '');
    expect(order.slice(-2)).toEqual(['actions/attest-build-provenance', 'gh']);
    const attest = jobs.release?.steps?.at(-2);
    expect(String(attest?.with?.['subject-path'])).toMatch(/runner\.temp }}\/release\/\*$/);
    expect(commands(jobs.release)).toContain('gh release create "$GITHUB_REF_NAME"');
    expect(commands(jobs.release)).toContain('"$RUNNER_TEMP"/release/*');
  });

  it('the tokens of a release are in no step that runs packages', () => {
    const steps = workflow('release.yml').jobs.release?.steps ?? [];
    for (const { run, env } of steps) if (run?.includes('npm ')) expect(env).toBeUndefined();
  });
});
