#ifndef PULIH_CARGON2_SHIM_H
#define PULIH_CARGON2_SHIM_H

#include <argon2.h>

#endif
