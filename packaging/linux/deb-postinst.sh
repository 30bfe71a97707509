case $1 in
  configure | abort-upgrade | abort-remove | abort-deconfigure)
    affiant_users
    affiant_folders
    # $2 is the version that was configured before, empty at the first installation.
    if [ "$1" = configure ] && [ -z "$2" ]; then affiant_enable; fi
    affiant_start
    if [ "$1" = configure ]; then affiant_enrol; fi
    ;;
esac
