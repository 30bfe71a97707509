/** Firmware and hardware identity, by systeminformation in a process of its own. */
import { fileURLToPath } from 'node:url';
import type { SystemName } from './host.ts';
import type { Limits, Raw } from './machine.ts';
import { isExecutable, type OwnPart, ownFile } from './own-program.ts';
import { runProgram } from './run-program.ts';

type Answer = Readonly<Record<string, unknown>>;

/**
 * What the package says where it found nothing. An empty string stands for absent and denied alike,
 * and the models are its own words, so none of these is an answer.
 */
const placeholders: ReadonlySet<unknown> = new Set(['', '-', 'Computer', 'Virtual machine', 'Docker Container', null]);

function startSystemChild(limits: Limits): ReturnType<typeof runProgram> {
  const part: OwnPart = 'internal:system';
  const args = isExecutable ? [part] : [fileURLToPath(new URL('./system-child.ts', import.meta.url))];
  return runProgram(ownFile, args, limits);
}

/** A reader that starts one child at most; both answers come from it. */
export function createSystemReader(): (name: SystemName, limits: Limits) => Promise<Raw<Answer>> {
  let asked: Promise<Raw<Answer>> | undefined;
  return async (name, limits) => {
    asked ??= ask(limits);
    const answer = await asked;
    if (answer.outcome !== 'ok') return answer;
    const told = withoutPlaceholders(answer.value[name]);
    return Object.keys(told).length > 0
      ? { outcome: 'ok', value: told }
      : { outcome: 'failed', reason: 'nothing-reported' };
  };
}

async function ask(limits: Limits): Promise<Raw<Answer>> {
  const run = await startSystemChild(limits);
  if (run.outcome !== 'ok') return run;
  if (run.value.exitCode !== 0 || run.value.truncated) return { outcome: 'failed', reason: 'system-child-failed' };
  try {
    const answer: unknown = JSON.parse(Buffer.from(run.value.stdout).toString('utf8'));
    if (isAnswer(answer)) return { outcome: 'ok', value: answer };
  } catch {
    // Falls through: what is not JSON is as useless as what is no object.
  }
  return { outcome: 'failed', reason: 'system-child-failed' };
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The answer without what was made up. `virtual: false` is what the package starts with, so it counts
 * only where the firmware named its maker and could have named a hypervisor.
 */
export function withoutPlaceholders(answer: unknown): Answer {
  const told = Object.entries(isAnswer(answer) ? answer : {}).filter(([, value]) => !placeholders.has(value));
  const kept = Object.fromEntries(told);
  if (kept['virtual'] === false && kept['manufacturer'] === undefined) delete kept['virtual'];
  return kept;
}
