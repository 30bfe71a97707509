/** Recordings of administrators that nothing of ours reads, each with the reason. */

/** Outputs of commands that no collector runs, and why. Their facts come from the files themselves. */
export const notAsked: Readonly<Record<string, string>> = {
  'id-ad-user-pt-br.txt': 'id(1) asks for one account; groups are asked for with getent',
  'jc_last-centos7.txt': 'last(1) prints no year; wtmp itself is read',
  'inspec_chage-l-root.txt': 'chage(1) is translated; the shadow file is read',
  'jc_chage-l-centos7.txt': 'chage(1) is translated; the shadow file is read',
  'ubuntudocs_chage-l-default.txt': 'chage(1) is translated; the shadow file is read',
  'sudo_cvtsudoers-test14.json': 'the input that it was made from is not there',
  'sudo_cvtsudoers-ldif.txt': 'rules are taken as JSON',
  'sudo_testsudoers-dump-test22-empty-runas.txt': 'a tool of the tests of sudo',
  'sudo_testsudoers-out-perm.txt': 'a tool of the tests of sudo',
};
