#include <parquet/arrow/reader.h>
#include <arrow/memory_pool.h>
#include "carrow.h"
extern "C" int ca_placeholder(void) { return (int)arrow::default_memory_pool()->bytes_allocated(); }
