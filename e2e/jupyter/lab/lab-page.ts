/** JupyterLab's page as a person uses it: keys, clicks and what is seen. */
import type { Browser, Locator, Page } from 'playwright-core';

/** Asks a Jupyter server for JSON. */
export const asked =
  ({ url, token }: { url: string; token: string }) =>
  async <Answer>(path: string): Promise<Answer> =>
    (await fetch(url + path, { headers: { authorization: `token ${token}` } })).json() as Promise<Answer>;

/** How one page of JupyterLab differs from another. */
export interface LabOptions {
  /** What is there once the page can be used. */
  ready?: string;
  /** What people read of the kernel. */
  kernel?: string;
}

export class Lab {
  readonly page: Page;
  readonly #ready: string;
  readonly #kernel: string;
  /** Requests that failed and errors that nothing in the page caught. */
  readonly faults: string[] = [];

  private constructor(page: Page, { ready = 'body[data-restored]', kernel = 'Trialroom (TypeScript)' }: LabOptions) {
    this.page = page;
    this.#ready = ready;
    this.#kernel = kernel;
    page.on('pageerror', ({ message }) => {
      // JupyterLab's debugger says so of each kernel that has none.
      if (message !== 'No active debugger session') this.faults.push(message);
    });
    page.on('response', (answer) => {
      // What JupyterLab's own server has beside Jupyter's interface: language servers, translations.
      if (answer.status() >= 400 && !/\/(lsp|lab\/api)\//.test(answer.url()))
        this.faults.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
    page.on('websocket', (socket) =>
      socket.on('socketerror', (error) => this.faults.push(`${socket.url()}: ${error}`)),
    );
  }

  static async open(browser: Browser, url: string, options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(await browser.newPage({ viewport: { width: 1400, height: 1000 } }), options);
    await lab.page.goto(url);
    await lab.restored();
    return lab;
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async restored(): Promise<void> {
    await this.page.locator(this.#ready).first().waitFor({ state: 'attached' });
  }

  file(name: string): Locator {
    return this.page.locator('.jp-DirListing-item', { has: this.page.getByText(name, { exact: true }) });
  }

  async openFile(name: string): Promise<void> {
    await this.file(name).dblclick();
    await this.#panel.locator('.jp-Cell').first().waitFor();
  }

  get #panel(): Locator {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  }

  cell(index: number): Locator {
    return this.#panel.locator('.jp-CodeCell').nth(index);
  }

  /** As the line at the bottom tells of the kernel of what is in front; the circle above says idle of none at all, too. */
  async status(state: 'Idle' | 'Busy'): Promise<void> {
    await this.page.locator('#jp-bottom-panel', { hasText: `${this.#kernel} | ${state}` }).waitFor();
  }

  async idle(): Promise<void> {
    await this.status('Idle');
  }

  async run(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.page.keyboard.press('Control+Enter');
  }

  async output(index: number, text: string): Promise<void> {
    await this.cell(index).locator('.jp-OutputArea-output', { hasText: text }).first().waitFor();
  }

  /** Puts a text in place of a cell's, as it is typed. */
  async type(index: number, text: string, within?: string): Promise<void> {
    const content = within ? this.page.locator(`${within} .cm-content`) : this.cell(index).locator('.cm-content');
    await content.click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.type(text);
  }

  async text(index: number): Promise<string> {
    return this.cell(index).locator('.cm-content').innerText();
  }

  /** Keys of the command mode. */
  async command(...keys: string[]): Promise<void> {
    await this.page.keyboard.press('Escape');
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Runs a cell that says `on` and never ends, interrupts it, and sees by another cell that `list` is still there. */
  async interrupt({ loop, probe }: { loop: number; probe: number }): Promise<void> {
    await this.run(loop);
    await this.output(loop, 'on');
    await this.command('i', 'i');
    await this.output(loop, 'Interrupted');
    await this.type(probe, 'typeof list');
    await this.run(probe);
    await this.output(probe, "'object'");
  }

  async accept(): Promise<void> {
    await this.page.locator('.jp-Dialog button.jp-mod-accept').click();
  }

  /** Until the tab of the notebook has no mark of unsaved changes. */
  async saved(): Promise<void> {
    await this.page.locator('.jp-mod-current.jp-mod-dirty').waitFor({ state: 'detached' });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.file(from).click();
    await this.page.keyboard.press('F2');
    const editor = this.page.locator('input.jp-DirListing-editor');
    await editor.fill(to);
    await editor.press('Enter');
    await this.file(to).waitFor();
  }

  async remove(name: string): Promise<void> {
    await this.file(name).click();
    await this.page.keyboard.press('Delete');
    await this.accept();
  }

  /** Opens a panel at the side. */
  async side(name: string): Promise<void> {
    await this.page.locator(`.lm-TabBar-tab[data-id="${name}"]`).click();
  }

  async newNotebook(): Promise<void> {
    await this.#launch('Notebook');
  }

  async newConsole(): Promise<void> {
    await this.#launch('Console');
  }

  async #launch(category: string): Promise<void> {
    await this.page.locator('[data-command="launcher:create"]').first().click();
    await this.page.locator(`.jp-Launcher:visible .jp-LauncherCard[data-category="${category}"]`).first().click();
  }

  /** Until something holds that only asking can tell. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 30_000;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`still not so after 30 s: ${holds}`);
      await this.page.waitForTimeout(50);
    }
  }
}
