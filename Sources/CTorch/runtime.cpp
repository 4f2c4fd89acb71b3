// The library itself: version, threads, determinism, and CUDA support loaded on demand.
#include "internal.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <string>

using namespace ctorch;

namespace {

// Loads libtorch_cuda from the folder of libtorch_cpu; returns why it could not. Must run before
// anything asks libtorch for CUDA, since libtorch remembers the answer.
const std::string &load_cuda() {
  static const std::string error = [] {
    std::string path = ct_library_path();
    auto slash = path.rfind('/');
    path = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    path += "libtorch_cuda.so";
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return std::string();
    return std::string(dlerror());
  }();
  return error;
}

}  // namespace

c10::Device ctorch::device(int32_t code) {
  if (code == CT_CPU) return c10::Device(c10::kCPU);
  if (!load_cuda().empty()) {
    TORCH_CHECK(false, "there is no CUDA device here: ", load_cuda());
  }
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(code));
}

const char *ct_version(void) { return TORCH_VERSION; }

const char *ct_library_path(void) {
  Dl_info info;
  auto symbol = reinterpret_cast<const void *>(&at::globalContext);
  return dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : "";
}

intptr_t ct_threads(void) { return at::get_num_threads(); }

int ct_set_threads(intptr_t count) {
  return guarded([&] { at::set_num_threads(static_cast<int>(count)); });
}

intptr_t ct_interop_threads(void) { return static_cast<intptr_t>(at::get_num_interop_threads()); }

int ct_set_interop_threads(intptr_t count) {
  return guarded([&] { at::set_num_interop_threads(static_cast<int>(count)); });
}

int ct_use_deterministic_algorithms(bool enabled) {
  return guarded([&] {
    at::globalContext().setDeterministicAlgorithms(enabled, /*warn_only=*/false);
    // An uninitialised tensor is not an algorithm: nothing here reads one before writing it.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
  });
}

intptr_t ct_cuda_count(void) {
  intptr_t count = 0;
  if (load_cuda().empty()) {
    guarded([&] { count = static_cast<intptr_t>(at::getNumGPUs()); });
  }
  return count;
}

const char *ct_cuda_load_error(void) { return load_cuda().c_str(); }
