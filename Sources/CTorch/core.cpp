// Handles, accessors, autograd, autocast, generators.
#include "internal.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/Formatting.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace ctorch;

namespace {

thread_local std::string last_error;
thread_local ct_attempt attempt = {false, false, false};

// Sizes beyond what can be addressed count as too little memory: no machine has it. oneDNN has no other
// words for memory that it did not get.
bool tells_of_memory(const char *message) {
  for (const char *sign :
       {"out of memory", "can't allocate memory", "not enough memory",
        "Storage size calculation overflowed", "numel: integer multiplication overflow",
        "could not create a primitive", "could not create a memory object"}) {
    if (std::strstr(message, sign)) return true;
  }
  return false;
}

}  // namespace

int ctorch::failed() noexcept {
  bool is_out_of_memory = false;
  try {
    try {
      throw;
    } catch (const c10::Error &error) {
      is_out_of_memory = tells_of_memory(error.what_without_backtrace());
      last_error = error.what_without_backtrace();
    } catch (const std::bad_alloc &) {
      is_out_of_memory = true;
      last_error = "out of memory";
    } catch (const std::length_error &) {
      is_out_of_memory = true;
      last_error = "out of memory";
    } catch (const std::exception &error) {
      last_error = error.what();
    } catch (...) {
      last_error = "an exception of an unknown type";
    }
  } catch (...) {
    is_out_of_memory = true;
    last_error.clear();  // no memory left for the message
  }
  if (attempt.is_active && !attempt.has_failed) {
    attempt.has_failed = true;
    attempt.is_out_of_memory = is_out_of_memory;
  }
  return -1;
}

const char *ct_last_error(void) { return last_error.c_str(); }

// Attempts.

bool ctorch::attempt_has_failed() noexcept { return attempt.has_failed; }

ct_attempt ct_attempt_begin(void) {
  ct_attempt outer = attempt;
  attempt.is_active = true;
  return outer;
}

ct_attempt ct_attempt_end(ct_attempt outer) {
  ct_attempt ended = attempt;
  attempt = outer;
  return ended;
}

ct_attempt ct_attempt_now(void) { return attempt; }

// Handles.

void ct_release(ct_tensor tensor) {
  if (tensor.raw) Impl::reclaim(impl(tensor));
}

void ct_retain(ct_tensor *out, ct_tensor tensor) { give(out, shared(tensor)); }

void ct_generator_release(ct_generator generator) {
  delete static_cast<at::Generator *>(generator.raw);
}

int ct_from_blob(
    ct_tensor *out, void *data, const intptr_t *sizes, intptr_t rank, int32_t code,
    void (*deleter)(void *context), void *context) {
  return guarded([&] {
    // The guard runs the deleter even where from_blob throws before it has taken it over.
    std::shared_ptr<void> owner(context, [deleter](void *context) {
      if (deleter) deleter(context);
    });
    give(out, at::from_blob(
                  data, dims(sizes, rank), [owner](void *) {},
                  at::TensorOptions().dtype(dtype(code))));
  });
}

// Accessors.

intptr_t ct_rank(ct_tensor tensor) { return tensor.raw ? impl(tensor)->dim() : CT_NO_RANK; }

intptr_t ct_size(ct_tensor tensor, intptr_t dim) {
  return tensor.raw ? impl(tensor)->sizes()[dim] : 1;
}

void ct_sizes(ct_tensor tensor, intptr_t *sizes) {
  if (!tensor.raw) return void(std::fill_n(sizes, CT_NO_RANK, 1));
  auto values = impl(tensor)->sizes();
  std::copy(values.begin(), values.end(), sizes);
}

void ct_strides(ct_tensor tensor, intptr_t *strides) {
  if (!tensor.raw) return void(std::fill_n(strides, CT_NO_RANK, 1));
  auto values = impl(tensor)->strides();
  std::copy(values.begin(), values.end(), strides);
}

intptr_t ct_count(ct_tensor tensor) { return tensor.raw ? impl(tensor)->numel() : 0; }

int32_t ct_dtype(ct_tensor tensor) {
  if (!tensor.raw) return CT_FLOAT32;
  return static_cast<int32_t>(c10::typeMetaToScalarType(impl(tensor)->dtype()));
}

int32_t ct_device(ct_tensor tensor) {
  if (!tensor.raw) return CT_CPU;
  c10::Device device = impl(tensor)->device();
  return device.is_cpu() ? CT_CPU : std::max<int32_t>(device.index(), 0);
}

bool ct_is_contiguous(ct_tensor tensor) { return !tensor.raw || impl(tensor)->is_contiguous(); }
bool ct_requires_grad(ct_tensor tensor) { return tensor.raw && Borrowed(tensor)->requires_grad(); }
bool ct_same_tensor(ct_tensor a, ct_tensor b) { return a.raw == b.raw; }

bool ct_same_storage(ct_tensor a, ct_tensor b) {
  return a.raw && b.raw && impl(a)->storage().is_alias_of(impl(b)->storage());
}

int ct_data_ptr(void **out, ct_tensor tensor) {
  return guarded([&] { *out = Borrowed(tensor)->data_ptr(); });
}

int ct_storage(void **data, intptr_t *byte_count, intptr_t *offset, ct_tensor tensor) {
  return guarded([&] {
    const c10::Storage &storage = impl(tensor)->storage();
    *data = storage.mutable_data();
    *byte_count = static_cast<intptr_t>(storage.nbytes());
    *offset = impl(tensor)->storage_offset();
  });
}

int ct_item(double *out, ct_tensor tensor) {
  return guarded([&] { *out = Borrowed(tensor)->item().toDouble(); });
}

int ct_to_string(char **out, ct_tensor tensor) {
  return guarded([&] {
    std::ostringstream text;
    at::print(text, *Borrowed(tensor), 100);
    *out = strdup(text.str().c_str());
    if (!*out) throw std::bad_alloc();
  });
}

// Autograd.

bool ct_grad_enabled(void) { return c10::GradMode::is_enabled(); }
void ct_set_grad_enabled(bool enabled) { c10::GradMode::set_enabled(enabled); }

int ct_set_requires_grad(ct_tensor tensor, bool requires_grad) {
  return guarded([&] { Borrowed(tensor)->requires_grad_(requires_grad); });
}

int ct_grad(ct_tensor *out, ct_tensor tensor) {
  return guarded([&] { give(out, Borrowed(tensor)->grad()); });
}

int ct_set_grad(ct_tensor tensor, ct_tensor grad) {
  return guarded([&] { Borrowed(tensor)->mutable_grad() = shared(grad); });
}

int ct_backward(ct_tensor tensor, ct_tensor gradient, bool keep_graph) {
  return guarded([&] { Borrowed(tensor)->backward(shared(gradient), keep_graph); });
}

int ct_set_data(ct_tensor tensor, ct_tensor data) {
  return guarded([&] { Borrowed(tensor)->set_data(*Borrowed(data)); });
}

namespace {
c10::DeviceType device_type(int32_t code) {
  return code == CT_CPU ? c10::DeviceType::CPU : c10::DeviceType::CUDA;
}
}  // namespace

int ct_autocast_begin(ct_autocast *previous, int32_t device, bool enabled, int32_t code) {
  return guarded([&] {
    auto type = device_type(device);
    previous->was_enabled = at::autocast::is_autocast_enabled(type);
    previous->dtype = static_cast<int32_t>(at::autocast::get_autocast_dtype(type));
    at::autocast::set_autocast_dtype(type, dtype(code));
    at::autocast::set_autocast_enabled(type, enabled);
    at::autocast::increment_nesting();
  });
}

int ct_autocast_end(ct_autocast previous, int32_t device) {
  return always([&] {
    auto type = device_type(device);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(type, previous.was_enabled);
    at::autocast::set_autocast_dtype(type, dtype(previous.dtype));
  });
}

// Generators.

int ct_generator_create(ct_generator *out, uint64_t seed) {
  return guarded([&] { out->raw = new at::Generator(at::detail::createCPUGenerator(seed)); });
}

int ct_generator_state(ct_tensor *out, ct_generator handle) {
  return guarded([&] { give(out, generator(handle)->get_state()); });
}

int ct_generator_set_state(ct_generator handle, ct_tensor state) {
  return guarded([&] { generator(handle)->set_state(*Borrowed(state)); });
}

int ct_generator_random64(uint64_t *out, ct_generator handle) {
  return guarded([&] {
    auto source = *generator(handle);
    std::lock_guard<std::mutex> lock(source.mutex());
    *out = at::check_generator<at::CPUGeneratorImpl>(source)->random64();
  });
}
