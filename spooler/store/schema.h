/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h: the database's tables. migrations[v] leads from user_version v to v+1. */
#ifndef TEM_STORE_SCHEMA_H
#define TEM_STORE_SCHEMA_H

extern const char *const schema_migrations[];
extern const int schema_version;

#endif
