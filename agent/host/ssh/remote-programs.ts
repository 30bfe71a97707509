/** The looks of trusted-program.ts through SFTP; folders are looked at once a run, since every program lies in the same few. */
import { decodeBytes } from '../../../collectors/text.ts';
import type { Limits, Raw } from '../machine.ts';
import type { ProgramFiles } from '../trusted-program.ts';
import type { RemoteFiles } from './sftp-files.ts';

export function programFiles(files: RemoteFiles, limits: Limits): ProgramFiles {
  const looks = new Map<string, ReturnType<ProgramFiles['look']>>();
  return {
    look(path) {
      const earlier = looks.get(path);
      if (earlier !== undefined) return earlier;
      const asking = files.lstat(path, limits).then((about) => {
        const { type, uid, mode } = valueOf(about);
        return { type: type === 'link' || type === 'file' ? type : 'other', uid, mode } as const;
      });
      looks.set(path, asking);
      return asking;
    },
    async target(path) {
      return decodeBytes(valueOf(await files.readLink(path, limits)));
    },
    async head(path) {
      const read = await files.readFile(path, { ...limits, maxBytes: 256 });
      return Buffer.from(valueOf(read).bytes).toString('latin1');
    },
  };
}

/** trusted-program.ts knows system errors. */
function valueOf<T>(raw: Raw<T>): T {
  if (raw.outcome === 'ok') return raw.value;
  const code = raw.outcome === 'absent' ? 'ENOENT' : raw.outcome === 'denied' ? 'EACCES' : raw.reason.toUpperCase();
  throw Object.assign(new Error(raw.reason), { code });
}
