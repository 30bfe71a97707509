/** The reports in a real Chromium: found as text, accessible, silent, printable to the edge of the paper. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { fleetPage } from '../../audit/report/fleet-page.ts';
import { hostPage } from '../../audit/report/host-page.ts';
import { playMailServer, playRecovery, playSecondFactor } from '../../tools/case/demo.ts';
import { findChromium } from '../audit/report/find-chromium.ts';
import { context, exposure, finding } from '../audit/report/pieces.ts';
import { emptyHost, goodHost, mailServer } from '../audit/report/sample.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type AxeResult = {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
};

const many = {
  ...mailServer(),
  exposures: Array.from({ length: 60 }, (_unused, at) => exposure(`RHSA-2021:${at}`, '2021-02-01', '2021-12-31')),
  findings: Array.from({ length: 60 }, (_unused, at) => finding(`RHSA-2021:${at}`, '2021-02-01')),
};
const pages: Readonly<Record<string, string>> = {
  'a server over 549 days': hostPage(
    { ...mailServer(), reviews: [{ day: '2021-09-01', by: 'Jane Doe (IT)', text: 'looked at' }] },
    context(549),
  ),
  'one day in order': hostPage(goodHost(), context(1)),
  'a server of which nothing is known': hostPage(
    emptyHost(),
    context(0, { refused: [{ file: 'x', code: 'key-unknown', message: 'signed by nobody' }] }),
  ),
  'sixty missing fixes and a long name': hostPage(
    { ...many, host: { ...many.host, names: ['x'.repeat(255)] } },
    context(549),
  ),
  'a fleet': fleetPage(
    { at: '2021-12-31', hosts: [mailServer(), emptyHost(), goodHost()], refused: [] },
    context(0),
    undefined,
    // As it is beside the pages of its servers, which it links to.
    ({ host }) => `${host.id}.html`,
  ),
};

describe('reports in Chromium', function () {
  this.timeout(300_000);
  let browser: Browser;
  let folder = '';

  before(async function () {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      console.error('      skipped: no chromium (Debian: chromium, or AFFIANT_CHROMIUM)');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-report-'));
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
  });
  after(async () => {
    await browser?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function open(
    text: string,
    options: { readonly colorScheme: 'light' | 'dark'; readonly width: number },
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    const file = join(folder, 'report.html');
    writeFileSync(file, text);
    const session = await browser.newContext({
      colorScheme: options.colorScheme,
      viewport: { width: options.width, height: 900 },
      // For axe alone: the page's own policy would refuse its script. Requests are watched in any case.
      bypassCSP: true,
    });
    try {
      const page = await session.newPage();
      const said: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      await look(page);
      assert.deepEqual(said, []);
      assert.deepEqual(asked, [pathToFileURL(file).href]);
    } finally {
      await session.close();
    }
  }

  const forms = [
    ['light', 1280],
    ['dark', 390],
  ] as const;

  /** 210 mm without the margins of the style sheet, at 96 pixels an inch. */
  const a4Width = Math.floor(((210 - 28) / 25.4) * 96);

  async function onPaper(page: Page): Promise<void> {
    await page.emulateMedia({ media: 'print' });
    const beyond = await page.evaluate(
      "[...document.querySelectorAll('td, th, p, dd, svg')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1).map(({ textContent }) => textContent)",
    );
    assert.deepEqual(beyond, []);
  }

  async function faultless(page: Page): Promise<void> {
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(overflow) <= 0, `the page is ${String(overflow)} pixels wider than the screen`);
    await page.evaluate(axe);
    const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as readonly AxeResult[];
    assert.deepEqual(
      violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary]),
      [],
    );
  }

  for (const [what, text] of Object.entries(pages))
    for (const [colorScheme, width] of forms)
      it(`axe finds nothing in ${what}, ${colorScheme}, ${width} wide, and nothing overflows`, () =>
        open(text, { colorScheme, width }, faultless));

  // The whole way: bundles day by day, statements, a plan, and the report that `npm run demo:case` leaves.
  for (const [what, play] of Object.entries({
    'the replayed mail server': playMailServer,
    'the action plan after the fine': playRecovery,
    'the missing second factor': playSecondFactor,
  }))
    it(`axe finds nothing in the report of ${what}, and nothing overflows`, async () => {
      const played = await play(mkdtempSync(join(folder, 'case-')));
      const text = readFileSync(join(played.folder, 'report.html'), 'utf8');
      for (const [colorScheme, width] of forms) await open(text, { colorScheme, width }, faultless);
      await open(text, { colorScheme: 'light', width: a4Width }, onPaper);
    });
  it('nothing of a fleet is cut off on paper', () =>
    open(pages['a fleet'] ?? '', { colorScheme: 'light', width: a4Width }, onPaper));

  it('the six answers stand on the first screen as text', () =>
    open(pages['a server over 549 days'] ?? '', { colorScheme: 'light', width: 1280 }, async (page) => {
      const cards = page.locator('[data-answer]');
      assert.equal(await cards.count(), 6);
      const shown = (await cards.allInnerTexts()).join('\n');
      for (const part of [
        /What is wrong\?[^]*9 published fixes are missing/,
        /Since when\?[^]*missing since 8 September 2020/,
        /By which clock too late\?[^]*Cyber Essentials, 14 days: too late since 23 September 2020/,
        /Who can get in with one factor\?[^]*5 of 5 administrators/,
        /Did the detector work\?[^]*Not on 448 of 549 days/,
        /What could not be seen\?[^]*no evidence came/,
      ])
        assert.match(shown, part);
      for (const top of (await cards.all()).map((card) => card.boundingBox()))
        assert.ok(((await top)?.y ?? Infinity) < 900, 'a card begins below the first screen');
    }));

  it('holds under its own policy: the style sheet works, a script does not', async () => {
    const file = join(folder, 'policy.html');
    writeFileSync(
      file,
      (pages['one day in order'] ?? '').replace('</body>', '<script>document.title = "run"</script></body>'),
    );
    const session = await browser.newContext();
    const page = await session.newPage();
    await page.goto(pathToFileURL(file).href);
    assert.notEqual(await page.title(), 'run');
    assert.equal(await page.evaluate('getComputedStyle(document.querySelector(".answers")).display'), 'grid');
    await session.close();
  });

  it('prints on a few pages, with what is folded away', () =>
    open(pages['a server over 549 days'] ?? '', { colorScheme: 'dark', width: 1280 }, async (page) => {
      await page.emulateMedia({ media: 'print' });
      const fold = page.locator('details:not([open]) table').last();
      assert.ok(((await fold.boundingBox())?.height ?? 0) > 0, 'the list of bundles is not printed');
      assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
      const pdf = await page.pdf({ preferCSSPageSize: true });
      const count = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
      assert.ok(count >= 3 && count <= 30, `${count} pages`);
    }));
});
