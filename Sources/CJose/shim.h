#ifndef PULIH_CJOSE_SHIM_H
#define PULIH_CJOSE_SHIM_H

#include <cjose/header.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>

#endif
