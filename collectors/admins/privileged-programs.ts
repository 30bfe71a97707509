/** Programs that give their caller more than it has: capabilities and set-id bits. */
import type { Answer, CommandOutput, Host } from '../../agent/host/host.ts';
import type { Fact, FileCapability, SetIdFile } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, type Parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import { type FoundFile, parseFound } from './find-output.ts';
import { parseGetcap } from './getcap.ts';
import { octalMode } from './octal-mode.ts';
import { addOwners } from './set-id-owners.ts';

export async function readFileCapabilities(host: Host): Promise<Fact<FileCapability[]>> {
  return outputFact(await host.exec('getcap'), parseGetcap);
}

export async function readSetIdFiles(host: Host): Promise<Fact<SetIdFile[]>> {
  const files = outputFact(await host.exec('find-set-id'), (output) => {
    const found = parseFound(output);
    return found.ok ? { ok: true, value: found.value.map(setIdFile) } : found;
  });
  return await addOwners(host, files);
}

/** A command that is not there leaves the question open; parts that were denied make the fact denied. */
export function outputFact<T>(answer: Answer<CommandOutput>, parse: (output: CommandOutput) => Parsed<T>): Fact<T> {
  if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
  const fact = fromAnswer(answer, (output) => (output.truncated ? unparsed('output-truncated') : parse(output)));
  return fact.status === 'failed' && fact.reason === 'parts-denied' ? { ...fact, status: 'denied' } : fact;
}

function setIdFile({ path, mode, uid, gid }: FoundFile): SetIdFile {
  return { path: toText(path), mode: octalMode(mode), uid, gid };
}
