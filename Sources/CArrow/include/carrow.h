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

// MARK: Rows of every column, to copy them whatever their types

typedef struct ca_rows ca_rows;
typedef struct ca_table ca_table;

// Begins to read all columns from a row on.
int ca_rows_begin(ca_rows **out, ca_file *file, int64_t first_row);

// The next rows, at most `count` of them; null after the last.
int ca_rows_next(ca_table **out, ca_rows *rows, int64_t count);
void ca_rows_end(ca_rows *rows);

int64_t ca_table_row_count(const ca_table *table);

// The columns as a struct with one child each.
int ca_table_schema(struct ArrowSchema *out, const ca_table *table);

// The columns' values, a struct with one child each.
int ca_table_export(struct ArrowArray *out, const ca_table *table);

// Replaces the column of the schema's name, or appends it. Takes the schema and the array.
int ca_table_set(ca_table *table, struct ArrowSchema *schema, struct ArrowArray *column);

// Gives a column the type that a feature declares: scalars of `dtype` (rank 0), or lists of `shape`;
// fixed-size ones of rank 1 stay so. Lists are laid flat and laid out anew, values cast where none is
// lost beyond rounding, nulls become NaN, 0, false or "", as many as go to `filled`. Messages count rows
// from `first_row`. `metadata` are the field's keys and values in turn, ended by null.
int ca_table_conform(
    int64_t *filled, ca_table *table, const char *name, const char *dtype, const int64_t *shape,
    int64_t rank, int64_t first_row, const char *const *metadata);

// Replaces a number in every struct of a column's lists: as many as the rows have structs, in their order.
int ca_table_set_member(
    ca_table *table, const char *name, const char *member, const double *values, int64_t count);

// Keeps the columns of these names, in this order.
int ca_table_select(ca_table *table, const char *const *names, int64_t count);
void ca_table_free(ca_table *table);

// MARK: Writing

typedef struct ca_writer ca_writer;

// Creates a Parquet file (format 2.6, data pages v1, Snappy, dictionaries) of a schema, a struct
// with one child a column, which is taken. `metadata` are keys and values in turn, ended by null.
int ca_writer_open(
    ca_writer **out, const char *path, struct ArrowSchema *schema, const char *const *metadata);

// Begins a row group; what is written next goes into it. The group is held in memory, encoded.
int ca_writer_begin_group(ca_writer *writer);

// Bytes of the rows of the group at hand, before compression.
int64_t ca_writer_group_bytes(const ca_writer *writer);

// Bytes of the file so far, the group at hand before compression.
int64_t ca_writer_file_bytes(const ca_writer *writer);

// Appends rows to the group: a struct with one child a column, which is taken.
int ca_write(ca_writer *writer, struct ArrowArray *rows);

// Whether rows have the columns of the schema, field metadata aside: names and types, extension types too.
int ca_writer_takes(const ca_writer *writer, const ca_table *table);

// Appends rows whose columns are those of the schema, field metadata aside.
int ca_write_table(ca_writer *writer, const ca_table *table);

// Writes the footer. The file is not valid before.
int ca_writer_close(ca_writer *writer);

// Frees a writer, closed or not.
void ca_writer_free(ca_writer *writer);

// The message of this thread's last failure; valid until the next one.
const char *ca_last_error(void);

// Arrow's version, "26.0.1" say.
const char *ca_version(void);

#ifdef __cplusplus
}
#endif
