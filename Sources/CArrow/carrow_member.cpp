#include "ca_table.h"
#include "carrow.h"
#include "guarded.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/type.h>

namespace {

// Numbers for all structs of an array; outside of `first` and `count` they are no row's.
template <typename Builder>
std::shared_ptr<arrow::Array> numbers(
    int64_t length, int64_t first, const double *values, int64_t count) {
  Builder builder;
  for (int64_t i = 0; i < length; ++i) {
    const bool is_row = i >= first && i < first + count;
    check(builder.Append(
        static_cast<typename Builder::value_type>(is_row ? values[i - first] : 0)));
  }
  return check(builder.Finish());
}

}  // namespace

int ca_table_set_member(
    ca_table *table, const char *name, const char *member, const double *values, int64_t count) {
  return guarded([&] {
    auto &batch = table->batch;
    const int index = batch->schema()->GetFieldIndex(name);
    if (index < 0) throw std::runtime_error("no single column");
    const auto &column = *batch->column(index);
    if (column.type_id() != arrow::Type::LIST) throw std::runtime_error("no lists");
    const auto &lists = static_cast<const arrow::ListArray &>(column);
    if (lists.values()->type_id() != arrow::Type::STRUCT) throw std::runtime_error("no structs");
    const auto &structs = static_cast<const arrow::StructArray &>(*lists.values());
    const int place = structs.struct_type()->GetFieldIndex(member);
    if (place < 0) throw std::runtime_error(std::string("no member ") + member);
    const int64_t first = lists.value_offset(0);
    if (lists.value_offset(lists.length()) - first != count) {
      throw std::runtime_error("another number of structs");
    }
    auto data = structs.data()->Copy();
    const int64_t length = data->offset + data->length;
    auto &child = data->child_data[place];
    switch (child->type->id()) {
      case arrow::Type::FLOAT:
        child = numbers<arrow::FloatBuilder>(length, data->offset + first, values, count)->data();
        break;
      case arrow::Type::DOUBLE:
        child = numbers<arrow::DoubleBuilder>(length, data->offset + first, values, count)->data();
        break;
      default: throw std::runtime_error(std::string("member ") + member + " holds no numbers");
    }
    auto changed = lists.data()->Copy();
    changed->child_data[0] = data;
    batch = check(batch->SetColumn(index, batch->schema()->field(index), arrow::MakeArray(changed)));
  });
}
