import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { HostAudit } from '../../../audit/model.ts';
import { fleetPage } from '../../../audit/report/fleet-page.ts';
import { hostPage } from '../../../audit/report/host-page.ts';
import { html } from '../../../audit/report/html.ts';
import { context, evidence, exposure, finding } from './pieces.ts';
import { emptyHost, goodHost, mailServer } from './sample.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** Elements with their attributes' names, in order, without any text: what markup can change. */
function shape(text: string): string {
  const out: string[] = [];
  const walk = (node: Node): void => {
    if ('tagName' in node) out.push(`${node.tagName}[${node.attrs.map(({ name }) => name).join(' ')}]`);
    if (node.nodeName === '#comment') out.push('comment');
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
    if ('tagName' in node) out.push('/');
  };
  walk(parse(text));
  return out.join(' ');
}

/** Every text that a server, a catalogue or a person can choose, put everywhere it can stand. */
function spoiled(text: string): HostAudit {
  const audit = mailServer();
  const proof = { ...evidence('2021-01-01'), file: text, document: text, pointer: text, sources: [text], says: text };
  return {
    ...audit,
    host: { id: text, targetIds: [text], names: [text, text], joinedBy: [text] },
    inventory: { exposure: 'internet', role: text, criticality: text, owner: text, inInventory: true },
    exposures: [exposure(text, '2021-01-01', audit.at, { title: text, mitigation: text, product: text })],
    findings: [
      finding(text, '2021-01-01', {
        id: text,
        rule: text,
        subject: text,
        title: text,
        reason: text,
        evidence: [proof],
        start: { kind: 'claim', at: text, text },
        controls: [{ id: text, source: text, verified: false }],
        ended: { by: 'attestation', text },
        attestation: { id: text, kind: text, by: text, at: '2021-01-01T00:00:00Z', text },
      }),
    ],
    detections: audit.detections.map((each) => ({ ...each, product: text })),
    reviews: [{ day: '2021-01-01', by: text, text }],
    detector: audit.detector.map((each) => ({ ...each, reasons: [text] })),
    adminChanges: audit.adminChanges.map((each) => ({ ...each, account: text, ways: [text], evidence: proof })),
    mfa: {
      day: audit.at,
      cells: [
        {
          account: text,
          way: text,
          kind: 'entry',
          requirement: text,
          factors: [text],
          witness: [text],
          since: audit.at,
        },
      ],
      outOfBand: [text],
      evidence: [proof],
    },
    blindSpots: [{ what: text, reason: text, from: audit.at }],
    history: {
      ...audit.history,
      faults: [{ kind: 'link-broken', chainId: text, sequence: 1, bundles: [text], text }],
    },
  };
}

const spoiledContext = (text: string): ReturnType<typeof context> =>
  context(2, {
    refused: [{ file: text, code: text, message: text, pointer: text }],
    keyIds: [text],
    logKey: text,
    notices: [text],
  });

describe('the markup of reports', () => {
  const pages = (text: string): readonly string[] => [
    hostPage(spoiled(text), spoiledContext(text)),
    fleetPage(
      { at: '2021-12-31', hosts: [spoiled(text)], refused: [{ file: text, code: text, message: text }] },
      spoiledContext(text),
    ),
  ];
  const benign = pages('x').map(shape);

  for (const hostile of [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></style></svg><iframe src=//x>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
    '\u202egnp.exe\u0000\u001b[2J',
    '${7*7}',
    '\ud800',
  ])
    it(`does not let ${JSON.stringify(hostile)} become markup`, () =>
      assert.deepEqual(pages(hostile).map(shape), benign));

  it('keeps its shape whatever names a server chooses', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
      fc.constantFrom('<', '>', '"', "'", '&', '</p>', '<svg>', '<style>', '<!--', '-->', '&#60;', '`', '='),
    );
    const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => `x${parts.join('')}`);
    fc.assert(
      fc.property(text, (name) => assert.deepEqual(pages(name).map(shape), benign)),
      { numRuns: 25 },
    );
  });

  it('does not say that nothing was missing or changed where nobody could judge it', () => {
    const blind = { ...goodHost(), bundles: 30, exposures: [], adminChanges: [] };
    const page = hostPage({ ...blind, unjudged: ['missing fixes', 'administrators'] }, context(30));
    assert.match(page, /It is not known whether a fix is missing: the newest evidence does not let judge it/);
    assert.match(page, /the newest evidence does not say who the administrators are/);
    assert.doesNotMatch(page, /No missing fix was seen|None was seen between/);
    assert.match(hostPage(blind, context(30)), /No missing fix was seen[^]*None was seen between/);
  });
  it('shows what nobody sees by its number', () => {
    assert.equal(html`<b title="${'a"b'}">${'\u202eexe<'}</b>`.toString(), '<b title="a&quot;b">\\u{202e}exe&lt;</b>');
  });

  it('writes nothing for what is not there, and each of a list', () => {
    assert.equal(html`[${undefined}${false}${['a', html`<i>b</i>`, 3]}]`.toString(), '[a<i>b</i>3]');
  });

  it('allows no request and no script, and its own style sheet by digest', () => {
    const [policy = ''] = /content="default-src[^"]*"/.exec(hostPage(goodHost(), context(1))) ?? [];
    assert.match(
      policy,
      /^content="default-src 'none'; style-src 'sha256-[^']{44}'; base-uri 'none'; form-action 'none'"$/,
    );
  });

  it('holds no address that a browser would follow', () => {
    const text =
      hostPage(mailServer(), context(549)) +
      fleetPage({ at: '2021-12-31', hosts: [mailServer()], refused: [] }, context(3));
    assert.doesNotMatch(
      text,
      /<(?:script|img|link|iframe|object|embed|form|a) |\ssrc=|\shref=|\sstyle=|\son\w+=|@import|url\((?!#)/,
    );
  });

  it('links each server to its page beside it, and to nothing else', () => {
    const text = fleetPage(
      { at: '2021-12-31', hosts: [mailServer(), goodHost()], refused: [] },
      context(3),
      undefined,
      ({ host }) => `page-${host.id}.html`,
    );
    const links = [...text.matchAll(/\shref="([^"]*)"[^>]*>(.*?)<\/a>/g)].map(([, to, label]) => `${to} ${label}`);
    const wanted = [mailServer(), goodHost()].map(
      ({ host }) => `./page-${host.id}.html <bdi class="name">${host.names[0] ?? host.id}</bdi>`,
    );
    assert.deepEqual(new Set(links), new Set(wanted));
  });

  it('can be written of nothing, of one day, and of three hundred fixes', () => {
    const many = {
      ...mailServer(),
      exposures: Array.from({ length: 300 }, (_unused, at) => exposure(`RHSA-2021:${at}`, '2021-02-01', '2021-12-31')),
      findings: Array.from({ length: 300 }, (_unused, at) => finding(`RHSA-2021:${at}`, '2021-02-01')),
    };
    for (const audit of [emptyHost(), goodHost(), many]) {
      const text = hostPage(audit, context(audit.bundles));
      assert.equal(text.match(/<h1>/g)?.length, 1);
      assert.equal(text.match(/data-answer=/g)?.length, 6);
      assert.doesNotMatch(text, /NaN|undefined|\[object|Infinity/);
      for (const { fixId } of audit.exposures) assert.ok(text.includes(fixId), `${fixId} is left out`);
    }
    assert.doesNotMatch(fleetPage({ at: '2021-12-31', hosts: [], refused: [] }, context(0)), /NaN|undefined/);
  });
});
