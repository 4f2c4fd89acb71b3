// The file handle that reading and copying share.
#pragma once

#include <parquet/arrow/reader.h>

#include <cstdint>
#include <memory>
#include <vector>

struct ca_file {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::vector<int64_t> group_starts;  // the first row of every row group
  int64_t row_count = 0;              // -1 when the footer contradicts itself
};
