# An upgrade replaces the files under a run that goes on; only a removal ends it.
case $1 in
  remove | deconfigure) affiant_stop ;;
esac
