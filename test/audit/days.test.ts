import { equal } from 'node:assert/strict';
import { assert as hold, integer, property } from 'fast-check';
import { addDays, addMonths, daysBetween, dueOf, isDay } from '../../audit/days.ts';

describe('the day rule', () => {
  it('gives 14 days after a date until the end of the fourteenth, and breaks on the fifteenth', () => {
    const due = dueOf('2020-09-08', { days: 14 });
    equal(due.dueDay, '2020-09-22');
    equal(due.breachDay, '2020-09-23');
  });
  it('counts 48 hours from a date as two whole days', () => {
    equal(dueOf('2020-09-08', { hours: 48 }).breachDay, '2020-09-11');
  });
  it('counts hours from an instant exactly, and breaks on the day in which they end', () => {
    equal(dueOf('2020-10-31T23:00:00Z', { hours: 26 }).breachDay, '2020-11-02');
    equal(dueOf('2020-10-31T23:00:00Z', { hours: 72 }).breachDay, '2020-11-03');
  });
  it('takes one month to the same number of the day, or to the last day of a shorter month', () => {
    equal(dueOf('2020-09-08', { months: 1 }).dueDay, '2020-10-08');
    equal(addMonths('2021-01-31', 1), '2021-02-28');
    equal(addMonths('2024-01-31', 1), '2024-02-29');
    equal(addMonths('2020-12-31', 2), '2021-02-28');
    equal(addMonths('2020-02-29', 12), '2021-02-28');
  });
  it('knows leap days, and no 29 February in other years', () => {
    equal(isDay('2024-02-29'), true);
    equal(isDay('2021-02-29'), false);
    equal(isDay('2000-02-29'), true);
    equal(isDay('1900-02-29'), false);
    equal(dueOf('2024-02-15', { days: 14 }).dueDay, '2024-02-29');
    equal(dueOf('2023-02-15', { days: 14 }).dueDay, '2023-03-01');
  });
  it('is not moved by daylight saving, in whatever zone it is computed', () => {
    const zone = process.env['TZ'];
    try {
      for (const name of ['UTC', 'Europe/Guernsey', 'America/New_York', 'Pacific/Apia', 'Australia/Lord_Howe']) {
        process.env['TZ'] = name;
        equal(dueOf('2021-03-26', { days: 5 }).breachDay, '2021-04-01');
        equal(dueOf('2021-10-29', { hours: 48 }).breachDay, '2021-11-01');
        equal(dueOf('2021-03-27T23:30:00Z', { hours: 48 }).breachDay, '2021-03-29');
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
  it('adds and counts days alike', () => {
    hold(
      property(integer({ min: -30000, max: 60000 }), integer({ min: -5000, max: 5000 }), (from, days) => {
        const day = addDays('1970-01-01', from);
        equal(daysBetween(day, addDays(day, days)), days);
      }),
    );
  });
});
