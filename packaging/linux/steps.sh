# What the scripts of the deb and of the rpm share. Each step may be done again: a package manager that was interrupted
# begins anew. No step looks into the state folder: what lies there outlives upgrades and removal.

# The users, from the very file that systemd would read.
affiant_users() {
  if command -v systemd-sysusers >/dev/null 2>&1; then
    systemd-sysusers /usr/lib/sysusers.d/affiant.conf
    return
  fi
  while read -r kind name rest; do
    case $kind in
      u)
        getent group "$name" >/dev/null || groupadd --system "$name"
        getent passwd "$name" >/dev/null ||
          useradd --system --gid "$name" --home-dir /var/lib/affiant --no-create-home --shell /usr/sbin/nologin "$name"
        ;;
      m) usermod --append --groups "$rest" "$name" ;;
    esac
  done </usr/lib/sysusers.d/affiant.conf
}

# The folders, likewise. One that is there stays as it is: affiant itself looks at its rights at every start.
affiant_folders() {
  while read -r kind path mode user group _; do
    if [ "$kind" = d ] && [ ! -d "$path" ]; then
      install -d -m "$mode" -o "$user" -g "$group" "$path"
    fi
  done </usr/lib/tmpfiles.d/affiant.conf
}

affiant_systemd_runs() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; }

# At the first installation only: what an administrator switched off afterwards stays off.
affiant_enable() {
  command -v systemctl >/dev/null 2>&1 || return 0
  for unit in $affiant_units; do systemctl enable --quiet "$unit" || :; done
}

affiant_start() {
  affiant_systemd_runs || return 0
  systemctl daemon-reload || :
  for unit in $affiant_units; do
    case $unit in
      *.service) ;;
      *) if systemctl is-enabled --quiet "$unit"; then systemctl restart "$unit" || :; fi ;;
    esac
  done
}

# With a token in its place this server enrols. An endpoint that is away must not fail an installation.
affiant_enrol() {
  token=/etc/affiant/enrolment-token
  [ -f "$token" ] || return 0
  if affiant_systemd_runs; then
    systemctl start --no-block affiant-enrol.service || :
    return 0
  fi
  credentials=$(mktemp -d)
  install -m 0400 -o affiant -g affiant "$token" "$credentials/affiant-token"
  chown affiant:affiant "$credentials"
  if setpriv --reuid=affiant --regid=affiant --clear-groups -- \
    env CREDENTIALS_DIRECTORY="$credentials" AFFIANT_STATE=/var/lib/affiant /usr/bin/affiant enroll; then
    rm -f "$token"
  else
    echo "affiant: not enrolled yet; $token stays. Later: affiant enroll --token-file $token" >&2
  fi
  rm -rf "$credentials"
}

affiant_stop() {
  command -v systemctl >/dev/null 2>&1 || return 0
  if affiant_systemd_runs; then
    for unit in $affiant_units affiant-collect.service affiant-post.service; do systemctl stop "$unit" || :; done
  fi
  for unit in $affiant_units; do systemctl disable --quiet "$unit" || :; done
}

# What `affiant service install` may have written beside the package.
affiant_forget_units() {
  rm -rf /etc/systemd/system/affiant-collect.service.d /etc/systemd/system/affiant-collect.timer.d \
    /etc/systemd/system/affiant-post.service.d /etc/systemd/system/affiant-post.timer.d /etc/cron.d/affiant
  if affiant_systemd_runs; then systemctl daemon-reload || :; fi
}

# What an rpm that was cut off had unpacked under another name: the file's own, a semicolon and eight digits. No next run
# of rpm takes it away, and the program's is 116 MB.
affiant_forget_halves() {
  digit='[0-9a-f]'
  for file in $affiant_files; do
    rm -f "$file;"$digit$digit$digit$digit$digit$digit$digit$digit
  done
}
