// New tensors, conversions, and the functions that write in place.
#include "internal.h"

#include <ATen/ops/_to_copy.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/zeros.h>

#include <cstring>

using namespace ctorch;

int ct_from_bytes(
    ct_tensor *out, const void *data, const intptr_t *sizes, intptr_t rank, int32_t code,
    int32_t where) {
  return guarded([&] {
    auto host = at::empty(dims(sizes, rank), options(code, CT_CPU));
    if (host.nbytes() > 0) std::memcpy(host.data_ptr(), data, host.nbytes());
    give(out, where == CT_CPU ? std::move(host) : host.to(device(where)));
  });
}

int ct_empty(
    ct_tensor *out, const intptr_t *sizes, intptr_t rank, int32_t code, int32_t where) {
  return guarded([&] { give(out, at::empty(dims(sizes, rank), options(code, where))); });
}

int ct_full(
    ct_tensor *out, const intptr_t *sizes, intptr_t rank, double value, int32_t code,
    int32_t where) {
  return guarded([&] {
    give(
        out, value == 0 ? at::zeros(dims(sizes, rank), options(code, where))
                        : at::full(dims(sizes, rank), value, options(code, where)));
  });
}

int ct_arange(
    ct_tensor *out, ct_scalar start, ct_scalar end, ct_scalar step, int32_t code, int32_t where) {
  return guarded([&] {
    give(out, at::arange(scalar(start), scalar(end), scalar(step), options(code, where)));
  });
}

int ct_linspace(
    ct_tensor *out, double start, double end, intptr_t count, int32_t code, int32_t where) {
  return guarded([&] { give(out, at::linspace(start, end, count, options(code, where))); });
}

int ct_eye(ct_tensor *out, intptr_t count, int32_t code, int32_t where) {
  return guarded([&] { give(out, at::eye(count, options(code, where))); });
}

int ct_randperm(
    ct_tensor *out, intptr_t count, ct_generator source, int32_t code, int32_t where) {
  return guarded([&] {
    give(out, at::randperm(count, generator(source), options(code, CT_CPU)).to(device(where)));
  });
}

int ct_randint(
    ct_tensor *out, intptr_t low, intptr_t high, const intptr_t *sizes, intptr_t rank,
    ct_generator source, int32_t code, int32_t where) {
  return guarded([&] {
    auto drawn = at::randint(low, high, dims(sizes, rank), generator(source), options(code, CT_CPU));
    give(out, drawn.to(device(where)));
  });
}

// Conversions.

int ct_to(ct_tensor *out, ct_tensor tensor, int32_t code, int32_t where) {
  return guarded([&] { give(out, Borrowed(tensor)->to(device(where), dtype(code))); });
}

int ct_to_dtype(ct_tensor *out, ct_tensor tensor, int32_t code) {
  return guarded([&] { give(out, Borrowed(tensor)->to(dtype(code))); });
}

int ct_to_device(ct_tensor *out, ct_tensor tensor, int32_t where) {
  return guarded([&] { give(out, Borrowed(tensor)->to(device(where))); });
}

int ct_contiguous(ct_tensor *out, ct_tensor tensor) {
  return guarded([&] { give(out, Borrowed(tensor)->contiguous()); });
}

int ct_clone(ct_tensor *out, ct_tensor tensor) {
  return guarded([&] { give(out, Borrowed(tensor)->clone()); });
}

int ct_detach(ct_tensor *out, ct_tensor tensor) {
  return guarded([&] { give(out, Borrowed(tensor)->detach()); });
}

// In place.

int ct_copy_(ct_tensor tensor, ct_tensor source) {
  return guarded([&] { Borrowed(tensor)->copy_(*Borrowed(source)); });
}

int ct_fill_(ct_tensor tensor, double value) {
  return guarded([&] { Borrowed(tensor)->fill_(value); });
}

int ct_zero_(ct_tensor tensor) {
  return guarded([&] { Borrowed(tensor)->zero_(); });
}

int ct_add_(ct_tensor tensor, ct_tensor other, ct_scalar alpha) {
  return guarded([&] { Borrowed(tensor)->add_(*Borrowed(other), scalar(alpha)); });
}

int ct_add_scalar_(ct_tensor tensor, ct_scalar other) {
  return guarded([&] { Borrowed(tensor)->add_(scalar(other)); });
}

int ct_mul_(ct_tensor tensor, ct_tensor other) {
  return guarded([&] { Borrowed(tensor)->mul_(*Borrowed(other)); });
}

int ct_mul_scalar_(ct_tensor tensor, ct_scalar other) {
  return guarded([&] { Borrowed(tensor)->mul_(scalar(other)); });
}

namespace {

// Draws into the tensor, or for another device into one on the CPU.
template <class Draw>
void draw_into(const at::Tensor &tensor, Draw draw) {
  if (tensor.is_cpu()) return draw(tensor);
  auto host = at::empty_like(tensor, tensor.options().device(at::kCPU));
  draw(host);
  tensor.copy_(host);
}

}  // namespace

int ct_normal_(ct_tensor tensor, double mean, double std, ct_generator source) {
  return guarded([&] {
    draw_into(*Borrowed(tensor), [&](const at::Tensor &x) {
      x.normal_(mean, std, generator(source));
    });
  });
}

int ct_uniform_(ct_tensor tensor, double low, double high, ct_generator source) {
  return guarded([&] {
    draw_into(*Borrowed(tensor), [&](const at::Tensor &x) {
      x.uniform_(low, high, generator(source));
    });
  });
}
