// The zip container of torch.save, and tensors over storage that is shared between them.
//
// Status and ownership are those of ctorch.h. Byte counts are in bytes, offsets of views in elements.
#pragma once
#include "ctorch.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A tensor of `rank` sizes and strides that looks into all of the memory of `storage` from `offset`
// on. The caller has checked that it stays within. It shares the memory and keeps it alive, but is
// not a view in the sense of autograd.
int ct_over_storage(
    ct_tensor *out, ct_tensor storage, intptr_t offset, const intptr_t *sizes,
    const intptr_t *strides, intptr_t rank);

// An archive that is read from memory, which must outlive it.
typedef struct {
  void *raw;
} ct_archive;

int ct_archive_open(ct_archive *out, const void *data, intptr_t byte_count);
void ct_archive_close(ct_archive archive);

// Where a record lies: its local header, its data as stored, and its length once unpacked (-1 where
// there is no such record). The positions come from the file and are not checked against its length.
int ct_archive_find(
    intptr_t *header, intptr_t *data, intptr_t *byte_count, ct_archive archive, const char *name);
// Unpacks a record into `byte_count` bytes.
int ct_archive_read(ct_archive archive, const char *name, void *data, intptr_t byte_count);

// An archive being written. `write` receives its bytes in order and returns how many it took;
// it must always take all of them: keep a failure to yourself until ct_archive_finish has returned.
typedef struct {
  void *raw;
} ct_archive_writer;

int ct_archive_create(
    ct_archive_writer *out, size_t (*write)(void *context, const void *data, size_t byte_count),
    void *context);
int ct_archive_write(
    ct_archive_writer writer, const char *name, const void *data, intptr_t byte_count);
// Writes the directory and releases the writer, whatever is returned.
int ct_archive_finish(ct_archive_writer writer);

// The checksum of zip files (CRC-32, polynomial 0xEDB88320) of `data`, which follows data whose
// checksum is `previous` (0 at the start).
uint32_t ct_crc32(uint32_t previous, const void *data, intptr_t byte_count);

#ifdef __cplusplus
}
#endif
