// What the C functions share: borrowing a handle as a tensor, and turning exceptions into a status.
#pragma once
#include "ctorch.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Scalar.h>
#include <c10/core/TensorOptions.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctorch {

static_assert(std::is_same_v<intptr_t, int64_t>, "sizes are passed to libtorch without a copy");

// Stores the message of the exception being handled for ct_last_error, and returns -1.
int failed() noexcept;

// Whether a function has failed within this thread's attempt.
bool attempt_has_failed() noexcept;

// The boundary: no exception passes.
template <class Body>
inline int always(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return failed();
  }
}

// The same, and nothing is done where an attempt has failed before.
template <class Body>
inline int guarded(Body &&body) noexcept {
  return attempt_has_failed() ? -1 : always(body);
}

using Impl = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

// A borrowed handle as an at::Tensor, without touching the reference count.
class Borrowed {
 public:
  explicit Borrowed(ct_tensor handle)
      : tensor_(
            handle.raw ? at::Tensor(Impl::reclaim(static_cast<c10::TensorImpl *>(handle.raw)))
                       : at::Tensor()) {}
  ~Borrowed() { tensor_.unsafeReleaseTensorImpl(); }
  Borrowed(const Borrowed &) = delete;
  Borrowed &operator=(const Borrowed &) = delete;
  const at::Tensor &operator*() const { return tensor_; }
  const at::Tensor *operator->() const { return &tensor_; }

 private:
  at::Tensor tensor_;
};

inline c10::TensorImpl *impl(ct_tensor handle) {
  return static_cast<c10::TensorImpl *>(handle.raw);
}

// A second owner of the handle's tensor; undefined where there is none.
inline at::Tensor shared(ct_tensor handle) {
  if (!handle.raw) return at::Tensor();
  return at::Tensor(Impl::reclaim_copy(impl(handle)));
}

inline std::optional<at::Tensor> optional(ct_tensor handle) {
  if (!handle.raw) return std::nullopt;
  return shared(handle);
}

// Second owners of a list of tensors.
inline std::vector<at::Tensor> list(const ct_tensor *handles, intptr_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(static_cast<size_t>(count));
  for (intptr_t i = 0; i < count; i++) tensors.push_back(shared(handles[i]));
  return tensors;
}

// Hands a tensor over to the caller of the C function.
inline void give(ct_tensor *out, at::Tensor tensor) {
  out->raw = tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline at::IntArrayRef dims(const intptr_t *values, intptr_t count) {
  return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline at::ScalarType dtype(int32_t code) { return static_cast<at::ScalarType>(code); }

inline c10::Scalar scalar(ct_scalar value) {
  return value.is_integer ? c10::Scalar(static_cast<int64_t>(value.value))
                          : c10::Scalar(value.value);
}

// The device of a code; loads CUDA support on the first use of a CUDA device.
c10::Device device(int32_t code);

inline c10::TensorOptions options(int32_t dtype_code, int32_t device_code) {
  return c10::TensorOptions().dtype(dtype(dtype_code)).device(device(device_code));
}

inline std::optional<at::Generator> generator(ct_generator handle) {
  if (!handle.raw) return std::nullopt;
  return *static_cast<at::Generator *>(handle.raw);
}

}  // namespace ctorch
