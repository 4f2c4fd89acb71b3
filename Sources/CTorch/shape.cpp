// Views, indexing and joining.
#include "ctorch_ops.h"
#include "internal.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

using namespace ctorch;

int ct_reshape(ct_tensor *out, ct_tensor a, const intptr_t *sizes, intptr_t rank) {
  return guarded([&] { give(out, Borrowed(a)->reshape(dims(sizes, rank))); });
}

int ct_flatten(ct_tensor *out, ct_tensor a, intptr_t from, intptr_t to) {
  return guarded([&] { give(out, Borrowed(a)->flatten(from, to)); });
}

int ct_permute(ct_tensor *out, ct_tensor a, const intptr_t *order, intptr_t rank) {
  return guarded([&] { give(out, Borrowed(a)->permute(dims(order, rank))); });
}

int ct_transpose(ct_tensor *out, ct_tensor a, intptr_t dim0, intptr_t dim1) {
  return guarded([&] { give(out, Borrowed(a)->transpose(dim0, dim1)); });
}

int ct_unsqueeze(ct_tensor *out, ct_tensor a, intptr_t dim) {
  return guarded([&] { give(out, Borrowed(a)->unsqueeze(dim)); });
}

int ct_squeeze(ct_tensor *out, ct_tensor a, intptr_t dim) {
  return guarded([&] { give(out, Borrowed(a)->squeeze(dim)); });
}

int ct_squeeze_all(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, Borrowed(a)->squeeze()); });
}

int ct_expand(ct_tensor *out, ct_tensor a, const intptr_t *sizes, intptr_t rank) {
  return guarded([&] { give(out, Borrowed(a)->expand(dims(sizes, rank))); });
}

int ct_narrow(ct_tensor *out, ct_tensor a, intptr_t dim, intptr_t start, intptr_t length) {
  return guarded([&] { give(out, Borrowed(a)->narrow(dim, start, length)); });
}

int ct_split(ct_tensor *out, ct_tensor a, intptr_t size, intptr_t dim) {
  return guarded([&] {
    for (auto &part : Borrowed(a)->split(size, dim)) give(out++, std::move(part));
  });
}

int ct_select(ct_tensor *out, ct_tensor a, intptr_t dim, intptr_t index) {
  return guarded([&] { give(out, Borrowed(a)->select(dim, index)); });
}

int ct_index_select(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index) {
  return guarded([&] { give(out, Borrowed(a)->index_select(dim, *Borrowed(index))); });
}

int ct_gather(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index) {
  return guarded([&] { give(out, Borrowed(a)->gather(dim, *Borrowed(index))); });
}

int ct_scatter(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index, ct_tensor source) {
  return guarded([&] {
    give(out, Borrowed(a)->scatter(dim, *Borrowed(index), *Borrowed(source)));
  });
}

int ct_scatter_add(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index, ct_tensor source) {
  return guarded([&] {
    give(out, Borrowed(a)->scatter_add(dim, *Borrowed(index), *Borrowed(source)));
  });
}

int ct_masked_fill(ct_tensor *out, ct_tensor a, ct_tensor mask, ct_scalar value) {
  return guarded([&] { give(out, Borrowed(a)->masked_fill(*Borrowed(mask), scalar(value))); });
}

int ct_masked_select(ct_tensor *out, ct_tensor a, ct_tensor mask) {
  return guarded([&] { give(out, Borrowed(a)->masked_select(*Borrowed(mask))); });
}

int ct_where(ct_tensor *out, ct_tensor condition, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::where(*Borrowed(condition), *Borrowed(a), *Borrowed(b))); });
}

int ct_repeat_interleave(ct_tensor *out, ct_tensor a, intptr_t repeats, intptr_t dim) {
  return guarded([&] { give(out, Borrowed(a)->repeat_interleave(repeats, dim)); });
}

int ct_repeat(ct_tensor *out, ct_tensor a, const intptr_t *repeats, intptr_t rank) {
  return guarded([&] { give(out, Borrowed(a)->repeat(dims(repeats, rank))); });
}

int ct_flip(ct_tensor *out, ct_tensor a, const intptr_t *which, intptr_t count) {
  return guarded([&] { give(out, Borrowed(a)->flip(dims(which, count))); });
}

int ct_pad(ct_tensor *out, ct_tensor a, const intptr_t *pad, intptr_t count, double value) {
  return guarded([&] { give(out, at::constant_pad_nd(*Borrowed(a), dims(pad, count), value)); });
}

int ct_tril(ct_tensor *out, ct_tensor a, intptr_t diagonal) {
  return guarded([&] { give(out, Borrowed(a)->tril(diagonal)); });
}

int ct_triu(ct_tensor *out, ct_tensor a, intptr_t diagonal) {
  return guarded([&] { give(out, Borrowed(a)->triu(diagonal)); });
}

int ct_cat(ct_tensor *out, const ct_tensor *tensors, intptr_t count, intptr_t dim) {
  return guarded([&] { give(out, at::cat(list(tensors, count), dim)); });
}

int ct_stack(ct_tensor *out, const ct_tensor *tensors, intptr_t count, intptr_t dim) {
  return guarded([&] { give(out, at::stack(list(tensors, count), dim)); });
}

int ct_channels_last(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, Borrowed(a)->contiguous(at::MemoryFormat::ChannelsLast)); });
}
