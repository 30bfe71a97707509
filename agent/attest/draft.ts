/** What is attested, from the options of a command and from a YAML file. The schema judges it afterwards. */
import { readFileSync } from 'node:fs';
import type { AttestationKind } from '../../evidence/attestation.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';

export type DraftOptions = {
  readonly target?: readonly string[];
  readonly detection?: readonly string[];
  readonly bundle?: readonly string[];
  readonly document?: readonly string[];
  readonly account?: readonly string[];
  readonly 'up-to'?: string;
  readonly disposition?: string;
  readonly outcome?: string;
  readonly decision?: string;
  readonly about?: string;
  readonly reason?: string;
  readonly 'compensating-measure'?: string;
  readonly owner?: string;
  readonly safeguards?: string;
  readonly 'aware-at'?: string;
  readonly what?: string;
  readonly incident?: string;
  readonly plan?: string;
  readonly 'as-of'?: string;
  readonly claim?: string;
  readonly words?: string;
  readonly attestation?: string;
  readonly expires?: string;
  readonly note?: string;
};

type Part = Readonly<Record<string, unknown>>;

/** The names of options that a kind takes, beside those that all take. */
export const optionsOf: Readonly<Record<AttestationKind, readonly (keyof DraftOptions)[]>> = {
  'detection-acknowledged': ['target', 'up-to', 'detection', 'disposition', 'outcome'],
  'admins-reviewed': ['target', 'bundle', 'document', 'decision', 'outcome', 'expires'],
  exception: ['about', 'target', 'reason', 'compensating-measure', 'owner', 'expires'],
  'break-glass': ['account', 'target', 'reason', 'safeguards', 'expires'],
  'incident-aware': ['aware-at', 'what', 'target', 'incident'],
  plan: ['plan', 'expires'],
  claim: ['target', 'as-of', 'claim', 'words', 'expires'],
  withdrawal: ['attestation', 'reason'],
};

/** The members that the options say. `path` resolves a file, `now` dates what is said without a date. Refuses with `usage`. */
export function draftFrom(
  kind: AttestationKind,
  options: DraftOptions,
  { now, path }: { readonly now: Date; readonly path: (given: string) => string },
): Result<Part> {
  const known = new Set<string>([...optionsOf[kind], 'note']);
  const stranger = Object.keys(options).find((name) => !known.has(name));
  if (stranger !== undefined)
    return refuse('usage', `--${stranger} says nothing in ${kind}`, {
      remedy: `it takes ${optionsOf[kind].map((name) => `--${name}`).join(', ')}`,
    });
  const expiresAt = options.expires === undefined ? ok(undefined) : momentOf(options.expires, now);
  if (!expiresAt.ok) return expiresAt;
  const plan = options.plan === undefined ? ok({}) : planIn(path(options.plan));
  if (!plan.ok) return plan;
  const { target, outcome, reason, owner, note } = options;
  return ok({
    ...given({ targets: target, outcome, reason, owner, note, expiresAt: expiresAt.value }),
    ...given({
      disposition: options.disposition,
      decision: options.decision,
      safeguards: options.safeguards,
      incident: options.incident,
      what: options.what,
      words: options.words,
      attestation: options.attestation,
    }),
    ...given({
      compensatingMeasure: options['compensating-measure'],
      awareAt: options['aware-at'],
      asOf: options['as-of'],
    }),
    ...given({
      detections: detections(options),
      reviewed: reviewed(options),
      accounts: options.account?.map(account),
      about: pair(options.about),
      claim: claim(options.claim),
    }),
    ...plan.value,
  });
}

/** Members that may be left out take what nobody would say otherwise: no target for an incident that is not placed yet, now for a claim. */
export function withDefaults(kind: AttestationKind, draft: Part, now: Date): Part {
  if (kind === 'incident-aware') return { targets: [], ...draft };
  return kind === 'claim' ? { asOf: now.toISOString(), ...draft } : draft;
}

function given(members: Part): Part {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function detections({ 'up-to': upTo, detection }: DraftOptions): Part | undefined {
  if (upTo !== undefined) return { upTo };
  return detection === undefined ? undefined : { ids: detection };
}

function reviewed({ bundle = [], document = [] }: DraftOptions): Part[] | undefined {
  const all = [...bundle.map((digest) => ({ bundle: digest })), ...document.map((digest) => ({ document: digest }))];
  return all.length === 0 ? undefined : all;
}

/** `NAME` or `NAME@DIRECTORY`. */
function account(text: string): Part {
  const at = text.lastIndexOf('@');
  return at <= 0 ? { name: text } : { name: text.slice(0, at), directory: text.slice(at + 1) };
}

/** `fix:CVE-2026-0001`. */
function pair(text: string | undefined): Part | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf(':');
  return at < 0 ? { kind: text } : { kind: text.slice(0, at), id: text.slice(at + 1) };
}

/** `updates-installed`, `fix-installed:CVE-2026-0001`, `admins-are:root,alice`. */
function claim(text: string | undefined): Part | undefined {
  const split = pair(text);
  if (split === undefined || split['id'] === undefined) return split;
  const { kind, id } = split as { kind: string; id: string };
  if (kind === 'fix-installed') return { kind, fix: id };
  return kind === 'admins-are' ? { kind, accounts: id.split(',').map((name) => name.trim()) } : { kind, id };
}

/** An instant, or a time from now: `90d`. */
function momentOf(text: string, now: Date): Result<string> {
  const [, days] = /^([1-9][0-9]{0,3})d$/.exec(text) ?? [];
  if (days !== undefined) return ok(new Date(now.getTime() + Number(days) * 86_400_000).toISOString());
  return Number.isNaN(Date.parse(text))
    ? refuse('usage', `--expires ${text} is no moment`, { remedy: 'such as 90d or 2026-04-02T00:00:00Z' })
    : ok(new Date(text).toISOString());
}

function planIn(file: string): Result<Part> {
  try {
    const text = readFileSync(file, 'utf8');
    return ok({ text, digest: sha256Hex(Buffer.from(text, 'utf8')) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('usage', `${file} cannot be read (${code})`, { remedy: 'give the plan: --plan plan.yaml' });
  }
}
