// Parquet files as Arrow C Data Interface structures
// (https://arrow.apache.org/docs/format/CDataInterface.html).
//
// Every function that returns int returns 0, or -1 after storing a message for ca_last_error (per
// thread). Nothing throws. A structure written to `out` is owned by the caller, who calls its
// release member; a ca_file outlives the ca_batches made from it.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif  // ARROW_C_DATA_INTERFACE

typedef struct ca_file ca_file;
typedef struct ca_batches ca_batches;

// Opens a Parquet file and reads its footer.
int ca_open(ca_file **out, const char *path);
void ca_close(ca_file *file);
// The rows of all row groups; -1 when the footer's counts contradict each other.
int64_t ca_row_count(const ca_file *file);

// The schema as a struct with one child a top-level column.
int ca_schema(struct ArrowSchema *out, ca_file *file);

// Begins to read one top-level column, given by its position in the schema, in batches of at most
// `rows` rows. It begins with the row group that holds row `from`, whose first row goes to `first`.
// Only the row group at hand is held in memory.
int ca_read(ca_batches **out, int64_t *first, ca_file *file, int32_t column, int64_t from,
            int64_t rows);

// The first row of the row group that holds row `from`.
int64_t ca_group_start(const ca_file *file, int64_t from);

// The next batch, a struct whose one child is the column, its offsets validated; out->release is
// null after the last.
int ca_next(struct ArrowArray *out, ca_batches *batches);
void ca_end(ca_batches *batches);

// The message of this thread's last failure; valid until the next one.
const char *ca_last_error(void);

// Arrow's version, "26.0.1" say.
const char *ca_version(void);

#ifdef __cplusplus
}
#endif
