// Rows of every column, which reading, changing and writing share.
#pragma once

#include <arrow/record_batch.h>

#include <memory>

struct ca_table {
  std::shared_ptr<arrow::RecordBatch> batch;
};
