// The file handle that reading and copying share.
#pragma once

#include <parquet/arrow/reader.h>

#include <memory>

struct ca_file {
  std::unique_ptr<parquet::arrow::FileReader> reader;
};
