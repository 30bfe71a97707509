/** What Windows calls its groups, accounts and audit categories in four languages: names that no parser may depend on. */
export type Language = 'en' | 'de' | 'fr' | 'ja';

export const languages: readonly Language[] = ['en', 'de', 'fr', 'ja'];

type Words = {
  readonly administrators: string;
  readonly users: string;
  readonly backup: string;
  readonly remote: string;
  readonly administrator: string;
  readonly guest: string;
  readonly domainAdmins: string;
  readonly domainUsers: string;
  readonly system: string;
  readonly successAndFailure: string;
  readonly denied: string;
  readonly authority: string;
};

export const words: Readonly<Record<Language, Words>> = {
  en: {
    administrators: 'Administrators',
    users: 'Users',
    backup: 'Backup Operators',
    remote: 'Remote Desktop Users',
    administrator: 'Administrator',
    guest: 'Guest',
    domainAdmins: 'Domain Admins',
    domainUsers: 'Domain Users',
    system: 'SYSTEM',
    successAndFailure: 'Success and Failure',
    denied: 'Access is denied.',
    authority: 'NT AUTHORITY',
  },
  de: {
    administrators: 'Administratoren',
    users: 'Benutzer',
    backup: 'Sicherungs-Operatoren',
    remote: 'Remotedesktopbenutzer',
    administrator: 'Administrator',
    guest: 'Gast',
    domainAdmins: 'Domänen-Admins',
    domainUsers: 'Domänen-Benutzer',
    system: 'SYSTEM',
    successAndFailure: 'Erfolg und Fehler',
    denied: 'Zugriff verweigert',
    authority: 'NT-AUTORITÄT',
  },
  fr: {
    administrators: 'Administrateurs',
    users: 'Utilisateurs',
    backup: 'Opérateurs de sauvegarde',
    remote: 'Utilisateurs du Bureau à distance',
    administrator: 'Administrateur',
    guest: 'Invité',
    domainAdmins: 'Admins du domaine',
    domainUsers: 'Utilisateurs du domaine',
    system: 'Système',
    successAndFailure: 'Succès et échec',
    denied: 'Accès refusé',
    authority: 'AUTORITE NT',
  },
  ja: {
    administrators: 'Administrators',
    users: 'Users',
    backup: 'Backup Operators',
    remote: 'Remote Desktop Users',
    administrator: 'Administrator',
    guest: 'Guest',
    domainAdmins: 'ドメイン管理者',
    domainUsers: 'ドメイン ユーザー',
    system: 'SYSTEM',
    successAndFailure: '成功および失敗',
    denied: 'アクセスが拒否されました。',
    authority: 'NT AUTHORITY',
  },
};
