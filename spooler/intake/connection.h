/* SPDX-License-Identifier: Apache-2.0 */
/* connection.h: libmicrohttpd's calls turned into requests; inside intake/ only. */
#ifndef TEM_INTAKE_CONNECTION_H
#define TEM_INTAKE_CONNECTION_H

#include "spooler/intake/request.h"

/* What both daemons share. Only `writes` is touched by other threads. */
struct shared {
    const struct intake_config *config;
    struct writes writes;
    struct doctor *doctor;
    size_t active; /* requests that began and are not answered to their end */
    bool stopping;
};

/* One daemon's view. */
struct door {
    struct shared *shared;
    bool local; /* the Unix socket */
};

/* For MHD_OPTION_NOTIFY_CONNECTION, MHD_OPTION_URI_LOG_CALLBACK, MHD_start_daemon and
 * MHD_OPTION_NOTIFY_COMPLETED; cls: a door. */
void connection_opened(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what);
void *connection_uri(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result connection_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state);
void connection_completed(void *cls, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode how);

#endif
