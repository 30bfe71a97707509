/** Names of rpm packages with everything in them: `bind-libs-32:9.8.2-0.17.rc1.el6.3.x86_64`. */

export type Nevra = {
  readonly name: string;
  /** `epoch:version-release`, without an epoch of 0. */
  readonly version: string;
  readonly architecture: string;
};

const pattern = /^(?:(\d+):)?(.+)-(?:(\d+):)?([^-:]+)-([^-:]+)\.([A-Za-z0-9_]+)$/;

/** The epoch stands before the version (dnf) or before the name (yum). Undefined where it is no such name. */
export function parseNevra(text: string): Nevra | undefined {
  if (text.length > 768) return undefined;
  const [, front, name, middle, version, release, architecture] = pattern.exec(text) ?? [];
  if (name === undefined || version === undefined || release === undefined || architecture === undefined)
    return undefined;
  return { name, version: rpmVersion(middle ?? front ?? '0', version, release), architecture };
}

/** `epoch:version-release`, without an epoch of 0. */
export function rpmVersion(epoch: string, version: string, release: string): string {
  return `${/^0*$/.test(epoch) ? '' : `${epoch}:`}${version}-${release}`;
}

/** A version without an epoch of 0, so that `0:1.0-1` and `1.0-1` are the same text. */
export function plainVersion(version: string): string {
  return version.replace(/^0+:/, '');
}
