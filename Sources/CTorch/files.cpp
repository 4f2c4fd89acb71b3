// The container of torch.save by PyTorch's own reader and writer, and tensors over shared storage.
#include "ctorch_files.h"
#include "internal.h"

#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

using caffe2::serialize::PyTorchStreamReader;
using caffe2::serialize::PyTorchStreamWriter;
using namespace ctorch;

namespace {

class Memory final : public caffe2::serialize::ReadAdapterInterface {
 public:
  Memory(const void *data, size_t count) : data_(static_cast<const char *>(data)), count_(count) {}
  size_t size() const override { return count_; }
  size_t read(uint64_t position, void *out, size_t count, const char *) const override {
    if (position >= count_) return 0;
    count = std::min(count, count_ - static_cast<size_t>(position));
    std::memcpy(out, data_ + position, count);
    return count;
  }

 private:
  const char *data_;
  size_t count_;
};

// tables[k][b]: the checksum of byte b followed by k zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) ? 0xEDB88320u : 0);
    tables[0][byte] = sum;
  }
  for (int k = 1; k < 8; ++k)
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

int ct_over_storage(
    ct_tensor *out, ct_tensor storage, intptr_t offset, const intptr_t *sizes,
    const intptr_t *strides, intptr_t rank) {
  return guarded([&] {
    // Made as it lies, on whatever device that is: Tensor.set_ would ask the device's own kernel.
    c10::TensorImpl *source = impl(storage);
    auto made = at::detail::make_tensor<c10::TensorImpl>(
        c10::Storage(source->storage()), source->key_set(), source->dtype());
    made.unsafeGetTensorImpl()->set_storage_offset(offset);
    made.unsafeGetTensorImpl()->set_sizes_and_strides(dims(sizes, rank), dims(strides, rank));
    give(out, std::move(made));
  });
}

int ct_archive_open(ct_archive *out, const void *data, intptr_t byte_count) {
  return guarded([&] {
    auto memory = std::make_shared<Memory>(data, static_cast<size_t>(byte_count));
    out->raw = new PyTorchStreamReader(std::move(memory));
  });
}

void ct_archive_close(ct_archive archive) {
  always([&] { delete static_cast<PyTorchStreamReader *>(archive.raw); });
}

int ct_archive_find(
    intptr_t *header, intptr_t *data, intptr_t *byte_count, ct_archive archive, const char *name) {
  return guarded([&] {
    auto &reader = *static_cast<PyTorchStreamReader *>(archive.raw);
    *byte_count = -1;
    if (!reader.hasRecord(name)) return;
    *header = static_cast<intptr_t>(reader.getRecordHeaderOffset(name));
    *data = static_cast<intptr_t>(reader.getRecordOffset(name));
    *byte_count = static_cast<intptr_t>(reader.getRecordSize(name));
  });
}

int ct_archive_read(ct_archive archive, const char *name, void *data, intptr_t byte_count) {
  return guarded([&] {
    auto &reader = *static_cast<PyTorchStreamReader *>(archive.raw);
    reader.getRecord(name, data, static_cast<size_t>(byte_count));
  });
}

int ct_archive_create(
    ct_archive_writer *out, size_t (*write)(void *context, const void *data, size_t byte_count),
    void *context) {
  return guarded([&] {
    out->raw = new PyTorchStreamWriter(
        [=](const void *data, size_t count) { return write(context, data, count); });
  });
}

int ct_archive_write(
    ct_archive_writer writer, const char *name, const void *data, intptr_t byte_count) {
  return guarded([&] {
    static_cast<PyTorchStreamWriter *>(writer.raw)
        ->writeRecord(name, data, static_cast<size_t>(byte_count));
  });
}

int ct_archive_finish(ct_archive_writer writer) {
  return always([&] {
    std::unique_ptr<PyTorchStreamWriter> owned(static_cast<PyTorchStreamWriter *>(writer.raw));
    owned->writeEndOfFile();
  });
}

uint32_t ct_crc32(uint32_t previous, const void *data, intptr_t byte_count) {
  const auto *next = static_cast<const uint8_t *>(data);
  uint32_t sum = ~previous;
  for (; byte_count >= 8; byte_count -= 8, next += 8) {
    uint32_t low, high;
    std::memcpy(&low, next, 4);
    std::memcpy(&high, next + 4, 4);
    low ^= sum;
    sum = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][(high >> 8) & 0xFF] ^
          tables[1][(high >> 16) & 0xFF] ^ tables[0][high >> 24];
  }
  for (; byte_count > 0; --byte_count, ++next) sum = (sum >> 8) ^ tables[0][(sum ^ *next) & 0xFF];
  return ~sum;
}
