if [ "$1" -eq 0 ]; then affiant_stop; fi
