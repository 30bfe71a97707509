/** /proc/modules (proc_modules(5)): `name size uses dependents state address (taints)`. */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type KernelModule = {
  readonly name: string;
  readonly live: boolean;
  /** Built outside of the kernel's tree (taint O); most products' modules are. */
  readonly outOfTree: boolean;
};

export function parseModules(text: string): Parsed<readonly KernelModule[]> {
  const modules: KernelModule[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const match =
      /^([^\s]{1,64}) [0-9]+ (?:-|[0-9]+) \S+ (Live|Loading|Unloading) 0x[0-9a-f]+(?: \(([A-Z+-]+)\))?\s*$/.exec(line);
    if (match === null) return unparsed('unexpected-line');
    modules.push({ name: match[1] ?? '', live: match[2] === 'Live', outOfTree: match[3]?.includes('O') === true });
  }
  return parsed(modules);
}
