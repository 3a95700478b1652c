/**
 * `trialroom doctor`: what is here, what is chosen, and how to get what is missing. It changes nothing. What was asked for
 * by the environment and does not answer is a failure; what could merely be better is only said.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { probeBackend } from './probe.ts';

/** One line of the report. */
interface Finding {
  name: string;
  verdict: 'good' | 'could be better' | 'broken';
  detail: string;
  /** Indented under the detail. */
  more?: string[];
}

const MARK: Record<Finding['verdict'], string> = { good: '✓', 'could be better': '·', broken: '✗' };

/** Prints the report; the exit code is 1 when something is broken. */
export async function doctor(): Promise<void> {
  const findings = [machine(), await backend(), await database(), await redis(), browser()];
  for (const { name, verdict, detail, more = [] } of findings) {
    console.log(`${MARK[verdict]} ${name.padEnd(9)} ${detail}`);
    for (const line of more) console.log(`${' '.repeat(12)}${line}`);
  }
  if (findings.some(({ verdict }) => verdict === 'broken')) process.exitCode = 1;
}

function machine(): Finding {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  return {
    name: 'Node',
    verdict: 'good',
    detail: `${process.version} on ${process.platform} ${process.arch}, ${cpus().length} cores, ${gigabytes} GB`,
  };
}

async function backend(): Promise<Finding> {
  try {
    const report = await probeBackend();
    return {
      name: 'Backend',
      verdict: 'good',
      detail: report.label,
      more: report.candidates.map(({ name, chosen, reason }) => `${chosen ? '→' : ' '} ${name}: ${reason}`),
    };
  } catch (error) {
    const detail = `no kernel could be started: ${message(error)}`;
    // The compilers have native parts, which npm counts as optional because there is one for each system.
    const more = /native binding/.test(detail) ? ['run `npm install` without --omit=optional'] : [];
    return { name: 'Backend', verdict: 'broken', detail, more };
  }
}

async function database(): Promise<Finding> {
  const url = process.env.DATABASE_URL;
  if (!url) {
    return {
      name: 'Database',
      verdict: 'good',
      detail: 'embedded (PGlite)',
      more: ['set DATABASE_URL=postgres://… to use a PostgreSQL server'],
    };
  }
  try {
    const { MikroORM } = await import('@mikro-orm/postgresql');
    const orm = await MikroORM.init({ clientUrl: url, discovery: { warnWhenNoEntities: false }, entities: [] });
    const rows = await orm.em.getConnection().execute<{ version: string }[]>('select version()');
    await orm.close();
    return {
      name: 'Database',
      verdict: 'good',
      detail: `DATABASE_URL answers: ${rows[0]?.version.split(' on ')[0] ?? 'PostgreSQL'}`,
    };
  } catch (error) {
    return {
      name: 'Database',
      verdict: 'broken',
      detail: `DATABASE_URL does not answer: ${without(url, message(error))}`,
      more: ['start that server, mend the address, or unset DATABASE_URL to use the embedded database'],
    };
  }
}

async function redis(): Promise<Finding> {
  const url = process.env.REDIS_URL;
  if (!url) {
    return {
      name: 'Redis',
      verdict: 'good',
      detail: 'not used: one process needs none',
      more: ['set REDIS_URL=redis://… to run workers or several servers'],
    };
  }
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: 3000,
  });
  client.on('error', () => {}); // Said once, below.
  try {
    await client.connect();
    await client.ping();
    return { name: 'Redis', verdict: 'good', detail: 'REDIS_URL answers' };
  } catch (error) {
    return {
      name: 'Redis',
      verdict: 'broken',
      detail: `REDIS_URL does not answer: ${without(url, message(error))}`,
      more: ['start that server, mend the address, or unset REDIS_URL'],
    };
  } finally {
    client.disconnect();
  }
}

function browser(): Finding {
  const name = 'Browser';
  const named = process.env.TRIALROOM_BROWSER;
  if (named) {
    return existsSync(named)
      ? { name, verdict: 'good', detail: `TRIALROOM_BROWSER, ${named} (for tests only)` }
      : { name, verdict: 'broken', detail: `TRIALROOM_BROWSER names ${named}, which is not there` };
  }
  try {
    createRequire(new URL('../../e2e/package.json', import.meta.url)).resolve('@sparticuz/chromium');
    return { name, verdict: 'good', detail: 'Chromium from npm (for tests only; use any browser to work)' };
  } catch {
    return { name, verdict: 'could be better', detail: 'none for tests; `npm install` brings one on Linux' };
  }
}

const message = (error: unknown): string => {
  const text =
    error instanceof Error
      ? error.message || String((error as NodeJS.ErrnoException).code ?? error.name)
      : String(error);
  return text.split('\n')[0] ?? text;
};

/** An error's text without the address's password in it. */
function without(url: string, text: string): string {
  try {
    const { password } = new URL(url);
    return password ? text.replaceAll(url, 'the address').replaceAll(password, '•••') : text;
  } catch {
    return text.replaceAll(url, 'the address');
  }
}
