case $1 in
  remove) affiant_forget_units ;;
  purge)
    affiant_forget_units
    # All of it: the key, the evidence that waits, the configuration, the users.
    rm -rf /var/lib/affiant /etc/affiant
    for user in affiant-post affiant; do
      if getent passwd "$user" >/dev/null; then userdel "$user" || :; fi
      if getent group "$user" >/dev/null; then groupdel "$user" || :; fi
    done
    ;;
esac
