# rpm knows no purge: state, configuration that was changed, and users stay. docs/install.md says how to remove them.
if [ "$1" -eq 0 ]; then affiant_forget_units; affiant_forget_halves; fi
