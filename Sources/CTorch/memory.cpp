// The host's memory for tensors: no more than the machine has.
//
// A system that promises more memory than it has kills whoever comes to need it. Where tensors would need
// more than there is, this allocator says so instead, as libtorch does where the system refuses.
#include "ctorch.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

namespace {

constexpr size_t unlimited = std::numeric_limits<size_t>::max();

// The number in a file of the system; without a limit there is none in it.
size_t number_in(const char *path) {
  size_t number = 0;
  return std::ifstream(path) >> number ? number : unlimited;
}

// Bytes that the machine has, or the control group that the program runs in.
size_t total_memory() {
  static const size_t total = [] {
    size_t physical = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    return std::min(
        {physical, number_in("/sys/fs/cgroup/memory.max"),
         number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
  }();
  return total;
}

// Bytes that can be had now without the system taking them from someone.
size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  size_t found = 0;
  bool is_known = false;
  for (std::string name, unit; file >> name;) {
    size_t kilobytes = 0;
    if (!(file >> kilobytes)) break;
    std::getline(file, unit);
    if (name != "MemAvailable:" && name != "SwapFree:") continue;
    is_known = true;
    found += kilobytes * 1024;
  }
  return is_known ? found : unlimited;
}

// Bytes that tensors may still take of a limited address space (`ulimit -v`): all but what the rest of the
// program is left, which cannot go on without memory.
size_t address_space_left() {
  static const size_t limit = [] {
    rlimit found;
    bool is_limited = getrlimit(RLIMIT_AS, &found) == 0 && found.rlim_cur != RLIM_INFINITY;
    return is_limited ? static_cast<size_t>(found.rlim_cur) : unlimited;
  }();
  if (limit == unlimited) return unlimited;
  constexpr size_t rest = size_t{256} << 20;
  size_t pages = number_in("/proc/self/statm");
  size_t taken = pages == unlimited ? rest : pages * sysconf(_SC_PAGESIZE) + rest;
  return taken < limit ? limit - taken : 0;
}

std::atomic<size_t> used{0};

void release(void *data) {
  used -= malloc_usable_size(data);
  c10::free_cpu(data);
}

class HostMemory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    const size_t total = total_memory();
    // What is left is asked for only when much is used, and not for every small tensor: it takes a while.
    const size_t after = used + std::min(bytes, total);
    const bool is_small = bytes < 4096 || after < total / 2;
    TORCH_CHECK_WITH(
        OutOfMemoryError,
        bytes < total && after < total && (is_small || bytes < available_memory()) &&
            (bytes < (1 << 20) || bytes < address_space_left()),
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate ", bytes, " bytes.");
    void *data = c10::alloc_cpu(bytes);
    if (data) used += malloc_usable_size(data);
    return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void *to, const void *from, size_t count) const override {
    default_copy_data(to, from, count);
  }
};

HostMemory host_memory;
const bool is_installed = [] {
  c10::SetCPUAllocator(&host_memory, /*priority=*/1);
  return true;
}();

}  // namespace

intptr_t ct_host_memory(void) { return static_cast<intptr_t>(total_memory()); }
