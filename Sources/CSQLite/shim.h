#pragma once
#include <sqlite3.h>
#include <string.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import: these two bind a copy.
static inline int pulih_bind_text(sqlite3_stmt *statement, int index, const char *bytes, int length) {
    return sqlite3_bind_text(statement, index, bytes, length, SQLITE_TRANSIENT);
}

static inline int pulih_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length) {
    // A null pointer would bind NULL; an empty blob is a value of its own.
    return length == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                       : sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

// Counting the memory in use takes a lock for every piece of it; nobody asks for the count. Only before the first connection.
static inline int pulih_without_memory_count(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// sqlite3_db_config is variadic: this one sets an on/off option and does not ask for the old value.
static inline int pulih_db_config(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}

// The memory that the connections of all processes share to find their way about the write-ahead log, a null pointer when
// there is none. It is mapped in pieces of 32,768 bytes and stays until the connection is closed.
static inline const void *pulih_wal_index(sqlite3 *database) {
    sqlite3_file *file = 0;
    volatile void *piece = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return 0;
    if (!file || !file->pMethods || file->pMethods->iVersion < 2) return 0;
    return file->pMethods->xShmMap(file, 0, 32768, 0, &piece) == SQLITE_OK ? (const void *)piece : 0;
}

// It begins with two copies of one header, of which a commit writes first the second and then the first.
enum { pulih_wal_header_size = 48 };

// Copies the header. Returns 0 when the two copies differ: a commit is writing them.
static inline int pulih_read_wal_header(const void *index, void *header) {
    unsigned char second[pulih_wal_header_size];
    memcpy(header, index, pulih_wal_header_size);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    memcpy(second, (const char *)index + pulih_wal_header_size, pulih_wal_header_size);
    return memcmp(header, second, pulih_wal_header_size) == 0;
}
