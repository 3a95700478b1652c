/** For tests: a language service with a folder of its own, and notebooks that ask it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { afterAll, beforeAll } from 'vitest';
import { createLanguageService, type LanguageService } from './service.ts';

/** The answer to one kind of question. */
export type Answer<Ask extends LanguageQuery['ask']> = Extract<LanguageAnswer, { ask: Ask }>;

/** A language service of its own, and what it remarked. */
export interface TestLanguage {
  readonly folder: string;
  readonly service: LanguageService;
  /** A new notebook of these cells, which the service knows. */
  notebook(...sources: string[]): Notebook;
}

/** A notebook as tests tell the service of it. */
export class Notebook {
  readonly id: string;
  sources: string[];
  readonly #language: Pick<TestLanguage, 'folder' | 'service'>;
  constructor(language: Pick<TestLanguage, 'folder' | 'service'>, id: string, sources: string[]) {
    this.#language = language;
    this.id = id;
    this.sources = sources;
    this.tell();
  }
  /** Tells the service of these cells, as an editor would. */
  tell(sources: string[] = this.sources): void {
    this.sources = sources;
    this.#language.service.setCells(
      this.id,
      this.#language.folder,
      sources.map((source, index) => ({ cell: letter(index), source })),
    );
  }
  /** Asks about the place that `|` marks in the text of a cell. */
  async ask<Ask extends LanguageQuery['ask']>(
    ask: Ask,
    cell: string,
    marked: string,
    to = 'renamed',
  ): Promise<Answer<Ask>> {
    const place = { cell, source: marked.replace('|', ''), offset: marked.indexOf('|') };
    const answer = await this.#language.service.query(
      this.id,
      ask === 'rename' ? { ask, ...place, to } : { ask, ...place },
    );
    if (!isAnswer(answer, ask)) throw new Error(`answered ${answer.ask}`);
    return answer;
  }
  check = () => this.#language.service.check(this.id);
  /** Codes of all remarks, with the text they stand at. */
  async remarks(): Promise<string[]> {
    const found = await this.check();
    return Object.entries(found).flatMap(([cell, list]) =>
      list.map(({ code, from, to }) => `${cell} ${code} ${this.sources[cell.charCodeAt(0) - 97]?.slice(from, to)}`),
    );
  }
}
/** Name of the cell at this index. */
export const letter = (index: number): string => String.fromCharCode(97 + index);
const isAnswer = <Ask extends LanguageQuery['ask']>(answer: LanguageAnswer, ask: Ask): answer is Answer<Ask> =>
  answer.ask === ask;

/** Labels of what is offered, in order. */
export const labels = ({ items }: Answer<'complete'>): string[] => items.map(({ label }) => label);

/** One service for the tests of a file. Called once, at its top level. */
export function useLanguage(): TestLanguage {
  let folder: string;
  let service: LanguageService;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trialroom language é '));
    service = createLanguageService();
  });
  afterAll(async () => {
    await service.end();
    await rm(folder, { recursive: true, force: true });
  });
  const language: TestLanguage = {
    get folder() {
      return folder;
    },
    get service() {
      return service;
    },
    notebook: (...sources) => new Notebook(language, `n${count++}`, sources),
  };
  return language;
}
