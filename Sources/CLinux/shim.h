#pragma once
#include <sys/prctl.h>

// prctl is variadic. At most 15 bytes of the name are kept.
static inline int pulih_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline int pulih_forbid_inspection(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
