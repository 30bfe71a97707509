/** Against the framework's own definitions of OCSF 1.5.0, and what its compiler would add to them. */
import assert from 'node:assert/strict';
import { ocsfEvents } from '../../../audit/export/ocsf.ts';
import { finding } from '../report/pieces.ts';
import { emptyHost, goodHost, mailServer } from '../report/sample.ts';
import { exportSource, newestOf } from './export-source.ts';
import { ocsfDefinitions } from './ocsf-definitions.ts';
import { ocsfFolder } from './official-schemas.ts';

type Event = Readonly<Record<string, unknown>> & { readonly class_uid: number };

const eventsOf = (audit: Parameters<typeof exportSource>[0]): readonly Event[] =>
  ocsfEvents(exportSource(audit)).events as readonly Event[];

const needs = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const own: Readonly<Record<number, readonly string[]>> = {
  2003: ['compliance', 'finding_info'],
  5003: ['user'],
  5004: ['device'],
};

describe('the export to OCSF', () => {
  const audits = { 'the mail server': mailServer(), 'a server in order': goodHost(), 'nothing known': emptyHost() };

  for (const [what, audit] of Object.entries(audits))
    it(`has what each class needs, for ${what}`, () => {
      for (const event of eventsOf(audit)) {
        assert.deepEqual(
          [...needs, ...(own[event.class_uid] ?? ['no such class'])].filter((name) => !(name in event)),
          [],
        );
        const activity = Number(event['activity_id']);
        assert.equal(event['type_uid'], event.class_uid * 100 + activity);
        assert.equal(event['category_uid'], Math.floor(event.class_uid / 1000));
        assert.ok(Number.isSafeInteger(event['time']) && Number(event['time']) > 1e12);
      }
    });

  it("fits the framework's own definitions", () => {
    const check = ocsfDefinitions(ocsfFolder);
    for (const audit of Object.values(audits)) assert.deepEqual(eventsOf(audit).flatMap(check), []);
    const [event] = eventsOf(mailServer());
    assert.ok(event);
    for (const wrong of [
      { ...event, nonsense: 1 },
      { ...event, severity_id: 77 },
      { ...event, metadata: undefined },
    ])
      assert.notDeepEqual(check(wrong), []);
  });

  it('makes one finding an event, and calls what is undecided no pass', () => {
    const audit = {
      ...goodHost(),
      findings: [finding('a', '2026-11-01', { verdict: 'undetermined' }), finding('b', '2026-11-01')],
    };
    const states = eventsOf(audit)
      .filter(({ class_uid }) => class_uid === 2003)
      .map(({ compliance, status_id }) => [(compliance as { status: string }).status, status_id]);
    assert.deepEqual(states, [
      ['Warning', 1],
      ['Fail', 1],
    ]);
  });

  it('says of a person that a second factor is there only where every judged way requires it', () => {
    const user = (audit: (typeof audits)['nothing known']): unknown =>
      eventsOf(audit).find(
        (event) => event.class_uid === 5003 && (event['user'] as { name: string }).name !== 'svc-backup',
      )?.['user'];
    assert.deepEqual(user(goodHost()), { name: 'root', type_id: 2, type: 'Admin', has_mfa: true });
    assert.deepEqual(user(mailServer()), { name: 'adm.lebrun', type_id: 2, type: 'Admin' });
  });

  it('leaves the patch state out, aloud, where the system was not seen', () => {
    const source = exportSource(mailServer());
    const newest = newestOf(mailServer());
    const { os: _os, ...seen } = newest.seen;
    const { events, leftOut } = ocsfEvents({ ...source, newest: { ...newest, seen } });
    assert.equal(
      events.some((event) => (event as Event).class_uid === 5004),
      false,
    );
    assert.match(leftOut.join(), /patch state \(5004\)/);
  });
});
