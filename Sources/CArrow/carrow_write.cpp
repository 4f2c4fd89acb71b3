#include "ca_file.h"
#include "ca_table.h"
#include "carrow.h"
#include "guarded.h"

#include <arrow/c/bridge.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

struct ca_rows {
  std::unique_ptr<arrow::RecordBatchReader> reader;
  std::shared_ptr<arrow::RecordBatch> batch;  // null before the first and after the last
  int64_t position = 0;                       // in `batch`
};

struct ca_writer {
  std::shared_ptr<arrow::io::FileOutputStream> sink;
  std::shared_ptr<arrow::Schema> schema;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
  int64_t group_bytes = 0;
};

namespace {

constexpr int64_t rows_at_once = 256;

// Moves to a batch that has rows left; false when there is none.
bool advance(ca_rows *rows) {
  while (!rows->batch || rows->position == rows->batch->num_rows()) {
    check(rows->reader->ReadNext(&rows->batch));
    rows->position = 0;
    if (!rows->batch) return false;
    check(rows->batch->ValidateFull());
  }
  return true;
}

void write(ca_writer *writer, const arrow::RecordBatch &rows) {
  check(writer->writer->WriteRecordBatch(rows));
  writer->group_bytes += check(arrow::util::ReferencedBufferSize(rows));
}

}  // namespace

int ca_rows_begin(ca_rows **out, ca_file *file, int64_t first_row) {
  return guarded([&] {
    std::vector<int> groups;
    int64_t skipped = 0;
    for (int i = 0; i < file->reader->num_row_groups(); ++i) {
      const bool is_last = i + 1 == file->reader->num_row_groups();
      const int64_t end = is_last ? ca_row_count(file) : file->group_starts[i + 1];
      if (end > first_row) {
        groups.push_back(i);
      } else {
        skipped = end;
      }
    }
    auto rows = std::make_unique<ca_rows>();
    file->reader->set_batch_size(rows_at_once);
    rows->reader = check(file->reader->GetRecordBatchReader(groups));
    for (int64_t left = first_row - skipped; left > 0 && advance(rows.get());) {
      const int64_t step = std::min(left, rows->batch->num_rows() - rows->position);
      rows->position += step;
      left -= step;
    }
    *out = rows.release();
  });
}

int ca_rows_next(ca_table **out, ca_rows *rows, int64_t count) {
  *out = nullptr;
  return guarded([&] {
    if (!advance(rows)) return;
    const int64_t taken = std::min(count, rows->batch->num_rows() - rows->position);
    *out = new ca_table{rows->batch->Slice(rows->position, taken)};
    rows->position += taken;
  });
}

void ca_rows_end(ca_rows *rows) { delete rows; }

int64_t ca_table_row_count(const ca_table *table) { return table->batch->num_rows(); }

int ca_table_schema(ArrowSchema *out, const ca_table *table) {
  return guarded([&] { check(arrow::ExportSchema(*table->batch->schema(), out)); });
}

int ca_table_export(ArrowArray *out, const ca_table *table) {
  return guarded([&] { check(arrow::ExportRecordBatch(*table->batch, out)); });
}

int ca_table_set(ca_table *table, ArrowSchema *schema, ArrowArray *column) {
  return guarded([&] {
    const auto field = check(arrow::ImportField(schema));
    const auto array = check(arrow::ImportArray(column, field->type()));
    const int index = table->batch->schema()->GetFieldIndex(field->name());
    auto &batch = table->batch;
    batch = index < 0 ? check(batch->AddColumn(batch->num_columns(), field, array))
                      : check(batch->SetColumn(index, field, array));
  });
}

int ca_table_select(ca_table *table, const char *const *names, int64_t count) {
  return guarded([&] {
    std::vector<int> columns;
    for (int64_t i = 0; i < count; ++i) {
      const int column = table->batch->schema()->GetFieldIndex(names[i]);
      if (column < 0) throw std::runtime_error(std::string("no single column ") + names[i]);
      columns.push_back(column);
    }
    table->batch = check(table->batch->SelectColumns(columns));
  });
}

void ca_table_free(ca_table *table) { delete table; }

int ca_writer_open(
    ca_writer **out, const char *path, ArrowSchema *schema, const char *const *metadata) {
  return guarded([&] {
    auto writer = std::make_unique<ca_writer>();
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (; metadata && metadata[0]; metadata += 2) pairs->Append(metadata[0], metadata[1]);
    writer->schema = check(arrow::ImportSchema(schema))->WithMetadata(pairs);
    writer->sink = check(arrow::io::FileOutputStream::Open(path));
    parquet::WriterProperties::Builder properties;
    properties.compression(arrow::Compression::SNAPPY)
        ->version(parquet::ParquetVersion::PARQUET_2_6)
        ->data_page_version(parquet::ParquetDataPageVersion::V1)
        ->max_row_group_length(std::numeric_limits<int64_t>::max());
    parquet::ArrowWriterProperties::Builder arrow_properties;
    arrow_properties.store_schema();
    writer->writer = check(parquet::arrow::FileWriter::Open(
        *writer->schema, arrow::default_memory_pool(), writer->sink, properties.build(),
        arrow_properties.build()));
    *out = writer.release();
  });
}

int ca_writer_begin_group(ca_writer *writer) {
  return guarded([&] {
    check(writer->writer->NewBufferedRowGroup());
    writer->group_bytes = 0;
  });
}

int64_t ca_writer_group_bytes(const ca_writer *writer) { return writer->group_bytes; }

int64_t ca_writer_file_bytes(const ca_writer *writer) {
  return writer->sink->Tell().ValueOr(0) + writer->group_bytes;
}

int ca_write(ca_writer *writer, ArrowArray *rows) {
  return guarded([&] {
    write(writer, *check(arrow::ImportRecordBatch(rows, writer->schema)));
  });
}

int ca_writer_takes(const ca_writer *writer, const ca_table *table) {
  return table->batch->schema()->Equals(*writer->schema, /*check_metadata=*/false);
}

int ca_write_table(ca_writer *writer, const ca_table *table) {
  return guarded([&] {
    if (!ca_writer_takes(writer, table)) {
      throw std::runtime_error(
          "columns " + table->batch->schema()->ToString() + " are not those of the file, " +
          writer->schema->ToString());
    }
    write(writer, *table->batch);
  });
}

int ca_writer_close(ca_writer *writer) {
  return guarded([&] {
    check(writer->writer->Close());
    check(writer->sink->Close());
  });
}

void ca_writer_free(ca_writer *writer) {
  guarded([&] { delete writer; });
}
