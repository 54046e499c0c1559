#pragma once
#include <microhttpd.h>

// What MHD_start_daemon takes as variadic options, here with types that the C compiler checks.
struct pulih_daemon {
    unsigned int connections;    // that it may be given
    size_t memory;               // bytes for each connection: request head, read buffer and response head
    void *context;               // handed to every callback
    MHD_NotifyConnectionCallback connection_changed;
    void *(*request_line_arrived)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback answer;
    MHD_RequestCompletedCallback request_completed;
};

// Leaves the target as it came: it is decoded in Swift, strictly.
static size_t pulih_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    size_t length = 0;
    while (text[length] != 0) length++;
    return length;
}

// Without MHD_USE_ERROR_LOG the library writes nothing to stderr. MHD_OPTION_STRICT_FOR_CLIENT stays at its default:
// level 1 shuts connections without an answer and sends the answer to a missing Host twice; RequestReader is stricter.
static inline struct MHD_Daemon *pulih_start_daemon(const struct pulih_daemon *daemon) {
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0,
                            (MHD_AcceptPolicyCallback)0, (void *)0,
                            daemon->answer, daemon->context,
                            MHD_OPTION_CONNECTION_LIMIT, daemon->connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, daemon->memory,
                            MHD_OPTION_NOTIFY_CONNECTION, daemon->connection_changed, daemon->context,
                            MHD_OPTION_URI_LOG_CALLBACK, daemon->request_line_arrived, daemon->context,
                            MHD_OPTION_NOTIFY_COMPLETED, daemon->request_completed, daemon->context,
                            MHD_OPTION_UNESCAPE_CALLBACK, pulih_keep_escapes, (void *)0,
                            MHD_OPTION_END);
}

// MHD_get_connection_info is variadic and answers with a union: one accessor for each member in use.
static inline void *pulih_socket_context(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static inline int pulih_socket(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

// Bytes from the request line to the empty line; 0 before that line has come.
static inline size_t pulih_head_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

// Status of the answer that is queued; 0 when there is none.
static inline unsigned int pulih_queued_status(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info ? info->http_status : 0;
}

// The port that a daemon with a listening socket of its own was given.
static inline int pulih_bound_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}
