# What the kernel says when something is wrong with it or with a module; read from standard input.
complaints() {
  grep -E 'WARNING: |BUG: |KASAN|INFO: (possible|trying|task|rcu.*stall)|Busy inodes|ODEBUG: |refcount_t: |Oops'
}
