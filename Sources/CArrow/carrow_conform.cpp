#include "ca_table.h"
#include "carrow.h"
#include "guarded.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/compute/cast.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/key_value_metadata.h>

#include <cstring>
#include <limits>
#include <unordered_map>

namespace {

using ArrayPointer = std::shared_ptr<arrow::Array>;

std::shared_ptr<arrow::DataType> leaf_type(const std::string &name) {
  static const std::unordered_map<std::string, std::shared_ptr<arrow::DataType>> types = {
      {"bool", arrow::boolean()},   {"int8", arrow::int8()},       {"int16", arrow::int16()},
      {"int32", arrow::int32()},    {"int64", arrow::int64()},     {"uint8", arrow::uint8()},
      {"uint16", arrow::uint16()},  {"uint32", arrow::uint32()},   {"uint64", arrow::uint64()},
      {"float16", arrow::float16()}, {"float32", arrow::float32()}, {"float64", arrow::float64()},
      {"string", arrow::utf8()}};
  const auto found = types.find(name);
  if (found == types.end()) throw std::runtime_error("dtype '" + name + "' is none of a column");
  return found->second;
}

[[noreturn]] void refuse(int64_t row, const std::string &what) {
  throw std::runtime_error("row " + std::to_string(row) + " " + what);
}

// Lengths of the lists of an array of lists, and their values laid flat; null where it is no list.
template <typename List>
ArrayPointer flatten(const List &list, int64_t width, int64_t rows, int64_t first_row) {
  const int64_t rows_each = rows > 0 ? list.length() / rows : 1;  // inner lists of a row
  int64_t common = -1;
  for (int64_t i = 0; i < list.length(); ++i) {
    const int64_t row = first_row + i / std::max<int64_t>(rows_each, 1);
    if (list.IsNull(i)) refuse(row, "is null, " + std::to_string(width) + " values are wanted");
    const int64_t length = list.value_length(i);
    if (common < 0) common = length;
    if (length != common || width % std::max<int64_t>(length, 1) != 0 || length == 0) {
      refuse(row, "holds a list of " + std::to_string(length) + ", which does not make " +
                      std::to_string(width) + " values");
    }
  }
  return check(list.Flatten());
}

ArrayPointer laid_flat(ArrayPointer array, int64_t width, int64_t rows, int64_t first_row) {
  while (true) {
    switch (array->type_id()) {
      case arrow::Type::LIST:
        array = flatten(static_cast<arrow::ListArray &>(*array), width, rows, first_row);
        break;
      case arrow::Type::LARGE_LIST:
        array = flatten(static_cast<arrow::LargeListArray &>(*array), width, rows, first_row);
        break;
      case arrow::Type::FIXED_SIZE_LIST:
        array = flatten(static_cast<arrow::FixedSizeListArray &>(*array), width, rows, first_row);
        break;
      case arrow::Type::EXTENSION:
        array = static_cast<arrow::ExtensionArray &>(*array).storage();
        break;
      default: return array;
    }
  }
}

// An array whose nulls are NaN, 0, false or an empty text.
ArrayPointer without_nulls(const ArrayPointer &array) {
  if (array->null_count() == 0) return array;
  if (array->type_id() == arrow::Type::STRING) {
    const auto &texts = static_cast<const arrow::StringArray &>(*array);
    arrow::StringBuilder builder;
    for (int64_t i = 0; i < texts.length(); ++i) {
      check(builder.Append(texts.IsNull(i) ? std::string_view() : texts.GetView(i)));
    }
    return check(builder.Finish());
  }
  if (array->type_id() == arrow::Type::BOOL) {
    const auto &flags = static_cast<const arrow::BooleanArray &>(*array);
    arrow::BooleanBuilder builder;
    for (int64_t i = 0; i < flags.length(); ++i) {
      check(builder.Append(!flags.IsNull(i) && flags.Value(i)));
    }
    return check(builder.Finish());
  }
  const int width = array->type()->byte_width();
  auto values = check(arrow::AllocateBuffer(array->length() * width));
  const uint8_t *from = array->data()->buffers[1]->data() + array->offset() * width;
  std::memcpy(values->mutable_data(), from, array->length() * width);
  const double nan64 = std::numeric_limits<double>::quiet_NaN();
  const float nan32 = std::numeric_limits<float>::quiet_NaN();
  const uint16_t nan16 = 0x7e00;
  for (int64_t i = 0; i < array->length(); ++i) {
    if (!array->IsNull(i)) continue;
    uint8_t *place = values->mutable_data() + i * width;
    switch (array->type_id()) {
      case arrow::Type::DOUBLE: std::memcpy(place, &nan64, width); break;
      case arrow::Type::FLOAT: std::memcpy(place, &nan32, width); break;
      case arrow::Type::HALF_FLOAT: std::memcpy(place, &nan16, width); break;
      default: std::memset(place, 0, width);
    }
  }
  return arrow::MakeArray(arrow::ArrayData::Make(
      array->type(), array->length(), {nullptr, std::shared_ptr<arrow::Buffer>(std::move(values))},
      0));
}

// Values as lists of `length`.
ArrayPointer listed(const ArrayPointer &values, int64_t length, bool is_fixed) {
  if (is_fixed) {
    return check(arrow::FixedSizeListArray::FromArrays(values, static_cast<int32_t>(length)));
  }
  arrow::Int32Builder offsets;
  for (int64_t i = 0; i <= values->length(); i += length) {
    check(offsets.Append(static_cast<int32_t>(i)));
  }
  return check(arrow::ListArray::FromArrays(*check(offsets.Finish()), *values));
}

}  // namespace

int ca_table_conform(
    int64_t *filled, ca_table *table, const char *name, const char *dtype, const int64_t *shape,
    int64_t rank, int64_t first_row, const char *const *metadata) {
  return guarded([&] {
    auto &batch = table->batch;
    const int index = batch->schema()->GetFieldIndex(name);
    if (index < 0) throw std::runtime_error("no single column");
    ArrayPointer array = batch->column(index);
    const int64_t rows = array->length();
    int64_t width = 1;
    for (int64_t i = 0; i < rank; ++i) width *= shape[i];
    const bool is_fixed = array->type_id() == arrow::Type::FIXED_SIZE_LIST;
    array = laid_flat(array, width, rows, first_row);
    if (array->length() != rows * width) {
      refuse(first_row, "and those after it hold " + std::to_string(array->length()) +
                            " values, " + std::to_string(width) + " a row are wanted");
    }
    if (array->type_id() == arrow::Type::DICTIONARY) {
      const auto &type = static_cast<const arrow::DictionaryType &>(*array->type());
      array = check(arrow::compute::Cast(*array, type.value_type()));
    }
    const auto leaf = leaf_type(dtype);
    if (!array->type()->Equals(*leaf)) array = check(arrow::compute::Cast(*array, leaf));
    *filled = array->null_count();
    array = without_nulls(array);
    for (int64_t i = rank; i-- > 0;) array = listed(array, shape[i], is_fixed && rank == 1);
    auto field = arrow::field(name, array->type());
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (; metadata && metadata[0]; metadata += 2) pairs->Append(metadata[0], metadata[1]);
    if (pairs->size() > 0) field = field->WithMetadata(pairs);
    batch = check(batch->SetColumn(index, field, array));
  });
}
