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

#include <algorithm>
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

// The row group that holds a row; the last one for a row beyond the end.
int row_group_of(const ca_file *file, int64_t row) {
  const auto &starts = file->group_starts;
  auto after = std::upper_bound(starts.begin(), starts.end(), row);
  return after == starts.begin() ? 0 : static_cast<int>(after - starts.begin()) - 1;
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
    auto file = std::make_unique<ca_file>();
    file->reader = check(builder.Build());
    auto metadata = file->reader->parquet_reader()->metadata();
    int64_t row = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      file->group_starts.push_back(row);
      int64_t rows = metadata->RowGroup(group)->num_rows();
      if (rows < 0 || rows > metadata->num_rows()) row = INT64_MIN / 2;
      row += rows;
    }
    file->row_count = row == metadata->num_rows() ? row : -1;
    *out = file.release();
  });
}

void ca_close(ca_file *file) { delete file; }

int64_t ca_row_count(const ca_file *file) {
  return file->row_count;
}

int ca_schema(ArrowSchema *out, ca_file *file) {
  return guarded([&] {
    std::shared_ptr<arrow::Schema> schema;
    check(file->reader->GetSchema(&schema));
    check(arrow::ExportSchema(*schema, out));
  });
}

int64_t ca_group_start(const ca_file *file, int64_t from) {
  return file->group_starts.empty() ? 0 : file->group_starts[row_group_of(file, from)];
}

int ca_read(ca_batches **out, int64_t *first, ca_file *file, int32_t column, int64_t from,
            int64_t rows) {
  return guarded([&] {
    std::vector<int> leaves;
    append_leaves(file->reader->manifest().schema_fields.at(column), &leaves);
    *first = ca_group_start(file, from);
    int group = row_group_of(file, from);
    std::vector<int> groups(file->group_starts.size() - group);
    std::iota(groups.begin(), groups.end(), group);
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
