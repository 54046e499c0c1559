#ifndef PULIH_CCRYPT_SHIM_H
#define PULIH_CCRYPT_SHIM_H

#include <crypt.h>

#endif
