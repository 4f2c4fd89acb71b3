#include "carrow.h"

#include "ca_file.h"
#include "guarded.h"

#include <arrow/c/bridge.h>
#include <arrow/config.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <memory>
#include <numeric>
#include <vector>

struct ca_batches {
  std::unique_ptr<arrow::RecordBatchReader> reader;
};

namespace {

// The leaf columns under a field: what Parquet stores.
void append_leaves(const parquet::arrow::SchemaField &field, std::vector<int> *leaves) {
  if (field.is_leaf()) leaves->push_back(field.column_index);
  for (const auto &child : field.children) append_leaves(child, leaves);
}

}  // namespace

int ca_open(ca_file **out, const char *path) {
  return guarded([&] {
    auto source = check(arrow::io::ReadableFile::Open(path));
    parquet::ArrowReaderProperties properties(/*use_threads=*/false);
    properties.set_pre_buffer(false);
    parquet::arrow::FileReaderBuilder builder;
    check(builder.Open(std::move(source)));
    builder.properties(properties);
    *out = new ca_file{check(builder.Build())};
  });
}

void ca_close(ca_file *file) { delete file; }

int64_t ca_row_count(const ca_file *file) {
  return file->reader->parquet_reader()->metadata()->num_rows();
}

int ca_schema(ArrowSchema *out, ca_file *file) {
  return guarded([&] {
    std::shared_ptr<arrow::Schema> schema;
    check(file->reader->GetSchema(&schema));
    check(arrow::ExportSchema(*schema, out));
  });
}

int ca_read(ca_batches **out, ca_file *file, int32_t column, int64_t rows) {
  return guarded([&] {
    std::vector<int> leaves;
    append_leaves(file->reader->manifest().schema_fields.at(column), &leaves);
    std::vector<int> groups(file->reader->num_row_groups());
    std::iota(groups.begin(), groups.end(), 0);
    file->reader->set_batch_size(rows);
    *out = new ca_batches{check(file->reader->GetRecordBatchReader(groups, leaves))};
  });
}

int ca_next(ArrowArray *out, ca_batches *batches) {
  out->release = nullptr;
  return guarded([&] {
    std::shared_ptr<arrow::RecordBatch> batch;
    check(batches->reader->ReadNext(&batch));
    if (!batch) return;
    check(batch->ValidateFull());
    check(arrow::ExportRecordBatch(*batch, out));
  });
}

void ca_end(ca_batches *batches) { delete batches; }

const char *ca_last_error(void) { return last_error.c_str(); }

const char *ca_version(void) { return ARROW_VERSION_STRING; }
