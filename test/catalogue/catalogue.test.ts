import { deepEqual, equal, ok } from 'node:assert/strict';
import { isDay } from '../../audit/days.ts';
import { catalogues } from '../../catalogue/list.ts';
import { compareBuilds, parseBuild } from '../../judge/versions/build.ts';
import { catalogue as isCatalogue } from '../../schemas/generated/validators.js';

for (const catalogue of catalogues)
  describe(`the catalogue ${catalogue.id}`, () => {
    it('is as its schema says', () => {
      ok(isCatalogue(catalogue), JSON.stringify(isCatalogue.errors));
    });
    it('names for each row a source that it describes', () => {
      const known = new Set(catalogue.sources.map(({ id }) => id));
      const rows = [
        ...catalogue.products,
        ...catalogue.branches,
        ...catalogue.updates,
        ...catalogue.builds,
        ...catalogue.cves,
      ];
      deepEqual(
        rows.filter(({ source }) => !known.has(source)),
        [],
      );
    });
    it('has each build once, in ascending order within its branch, above the build that the branch begins with', () => {
      const seen = new Set<string>();
      let before: (typeof catalogue.builds)[number] | undefined;
      for (const row of catalogue.builds) {
        const build = parseBuild(row.build) ?? [];
        equal(build.length, 4, row.build);
        for (const each of [row.build, ...(row.alsoBuilds ?? [])]) {
          ok(!seen.has(`${row.product} ${each}`), `${each} stands twice`);
          seen.add(`${row.product} ${each}`);
        }
        const branch = catalogue.branches.find(({ product, id }) => product === row.product && id === row.branch);
        ok(branch !== undefined, `${row.build} is of no branch`);
        ok(compareBuilds(parseBuild(branch.build) ?? [], build) < 0, `${row.build} is not above its branch`);
        if (before?.product === row.product && before.branch === row.branch)
          ok(compareBuilds(parseBuild(before.build) ?? [], build) < 0, `${row.build} is out of order`);
        before = row;
      }
    });
    it('has branches and updates once, in the order of their release, and no update older than a build of it', () => {
      for (const product of catalogue.products) {
        const branches = catalogue.branches.filter((each) => each.product === product.id);
        equal(new Set(branches.map(({ id }) => id)).size, branches.length);
        deepEqual(
          branches.map(({ releasedOn }) => releasedOn),
          branches.map(({ releasedOn }) => releasedOn).toSorted(),
        );
      }
      equal(new Set(catalogue.updates.map(({ id }) => id)).size, catalogue.updates.length);
      const days = catalogue.updates.map(({ releasedOn }) => releasedOn);
      deepEqual(days, days.toSorted());
      for (const { update, availableOn } of catalogue.builds) {
        const released = catalogue.updates.find(({ id }) => id === update)?.releasedOn;
        ok(released !== undefined, `${update} is not among the updates`);
        ok(availableOn === undefined || availableOn >= released);
      }
    });
    it('within a branch, gives a later update a higher build', () => {
      const released = new Map(catalogue.updates.map(({ id, releasedOn }) => [id, releasedOn]));
      for (const [at, row] of catalogue.builds.entries()) {
        const before = catalogue.builds[at - 1];
        if (before?.product !== row.product || before.branch !== row.branch) continue;
        ok((released.get(before.update) ?? '') <= (released.get(row.update) ?? ''), `${before.build}, ${row.build}`);
      }
    });
    it('says of each vulnerability that an update names, once, what is known, with days of the calendar', () => {
      const known = new Set(catalogue.cves.map(({ id }) => id));
      equal(known.size, catalogue.cves.length);
      for (const { cves } of catalogue.updates)
        for (const id of cves) if (id.startsWith('CVE')) ok(known.has(id), `${id} is not described`);
      const days = [catalogue.asOf, catalogue.expiresOn, ...catalogue.updates.map(({ releasedOn }) => releasedOn)];
      for (const day of days) ok(isDay(day), day);
      ok(catalogue.asOf < catalogue.expiresOn);
    });
  });
