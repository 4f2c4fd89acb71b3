// The device's memory, what is counted, and tensors seen from the other side.
#include "stand_in.h"

#include <ATen/EmptyTensor.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace standin {

namespace {

using Counts = std::atomic<int64_t>[counts];

// Shared with the file, so that the counts are there however the program ends.
Counts &shared_counts() {
  static Counts own;
  static Counts *found = [] {
    const char *path = std::getenv("STANDIN_CUDA_COUNTS");
    if (!path) return &own;
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    TORCH_CHECK(file >= 0 && ftruncate(file, sizeof(Counts)) == 0, path, ": cannot be written");
    void *memory = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    TORCH_CHECK(memory != MAP_FAILED, path, ": cannot be mapped");
    close(file);
    return static_cast<Counts *>(memory);
  }();
  return *found;
}

int64_t capacity() {
  static const int64_t bytes = [] {
    const char *text = std::getenv("STANDIN_CUDA_BYTES");
    return text ? std::atoll(text) : INT64_MAX;
  }();
  return bytes;
}

struct Block {
  void *data;
  int64_t bytes;
};

void release(void *context) {
  auto *block = static_cast<Block *>(context);
  count(bytes_in_use, -block->bytes);
  c10::free_cpu(block->data);
  delete block;
}

class StandInMemory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const int64_t used = shared_counts()[bytes_in_use];
    const bool fits = used <= capacity() && bytes <= static_cast<uint64_t>(capacity() - used);
    TORCH_CHECK_WITH(
        OutOfMemoryError, fits, "CUDA out of memory. Tried to allocate ",
        c10::CachingAllocator::format_size(bytes), ". GPU 0 has a total capacity of ",
        c10::CachingAllocator::format_size(capacity()), " of which ",
        c10::CachingAllocator::format_size(std::max<int64_t>(capacity() - used, 0)), " is free.");
    auto *block = new Block{c10::alloc_cpu(std::max<size_t>(bytes, 1)), static_cast<int64_t>(bytes)};
    count(bytes_in_use, block->bytes);
    return {block->data, block, &release, device};
  }
  void copy_data(void *to, const void *from, size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
};

StandInMemory standin_memory;
REGISTER_ALLOCATOR(c10::DeviceType::CUDA, &standin_memory);

}  // namespace

c10::Allocator *memory() { return &standin_memory; }

void count(Count what, int64_t by) {
  auto &all = shared_counts();
  const int64_t now = all[what] += by;
  if (what == bytes_in_use) all[most_bytes_in_use] = std::max<int64_t>(all[most_bytes_in_use], now);
}

at::Tensor on_host(const at::Tensor &tensor) {
  if (!tensor.defined() || tensor.is_cpu()) return tensor;
  const c10::Storage &storage = tensor.storage();
  c10::Storage same(
      c10::Storage::use_byte_size_t(), storage.nbytes(),
      c10::DataPtr(storage.mutable_data(), c10::Device(c10::kCPU)), nullptr, /*resizable=*/false);
  auto host = at::detail::make_tensor<c10::TensorImpl>(
      std::move(same), c10::DispatchKeySet(c10::DispatchKey::CPU), tensor.dtype());
  host.unsafeGetTensorImpl()->set_storage_offset(tensor.storage_offset());
  host.unsafeGetTensorImpl()->set_sizes_and_strides(tensor.sizes(), tensor.strides());
  return host;
}

at::Tensor on_device(const at::Tensor &tensor) {
  if (!tensor.defined() || tensor.is_cuda()) return tensor;
  const bool isDense = tensor.is_non_overlapping_and_dense();
  const at::Tensor source = isDense ? tensor : tensor.contiguous();
  at::Tensor result(at::detail::empty_strided_generic(
      source.sizes(), source.strides(), &standin_memory,
      c10::DispatchKeySet(c10::DispatchKey::CUDA), source.scalar_type()));
  if (source.numel() > 0) {
    std::memcpy(result.mutable_data_ptr(), source.const_data_ptr(), source.nbytes());
  }
  return result;
}

}  // namespace standin
