// Reductions, and functions along one dim.
#include "ctorch_ops.h"
#include "internal.h"

#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/any.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/max.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/min.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/std.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/var.h>

using namespace ctorch;

int ct_sum(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::sum(*Borrowed(a))); });
}

int ct_mean(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::mean(*Borrowed(a))); });
}

int ct_max(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::max(*Borrowed(a))); });
}

int ct_min(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::min(*Borrowed(a))); });
}

int ct_all(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::all(*Borrowed(a))); });
}

int ct_any(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::any(*Borrowed(a))); });
}

int ct_norm(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::linalg_vector_norm(*Borrowed(a))); });
}

int ct_var(ct_tensor *out, ct_tensor a, bool unbiased) {
  return guarded([&] { give(out, at::var(*Borrowed(a), unbiased)); });
}

int ct_std(ct_tensor *out, ct_tensor a, bool unbiased) {
  return guarded([&] { give(out, at::std(*Borrowed(a), unbiased)); });
}

int ct_sum_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::sum(*Borrowed(a), at::IntArrayRef(dim), keep)); });
}

int ct_mean_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::mean(*Borrowed(a), at::IntArrayRef(dim), keep)); });
}

int ct_amax(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::amax(*Borrowed(a), at::IntArrayRef(dim), keep)); });
}

int ct_amin(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::amin(*Borrowed(a), at::IntArrayRef(dim), keep)); });
}

int ct_logsumexp(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::logsumexp(*Borrowed(a), at::IntArrayRef(dim), keep)); });
}

int ct_argmax(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] { give(out, at::argmax(*Borrowed(a), dim, keep)); });
}

int ct_norm_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep) {
  return guarded([&] {
    give(out, at::linalg_vector_norm(*Borrowed(a), 2, at::IntArrayRef(dim), keep));
  });
}

int ct_var_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool unbiased, bool keep) {
  return guarded([&] { give(out, at::var(*Borrowed(a), at::IntArrayRef(dim), unbiased, keep)); });
}

int ct_std_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool unbiased, bool keep) {
  return guarded([&] { give(out, at::std(*Borrowed(a), at::IntArrayRef(dim), unbiased, keep)); });
}

int ct_cumsum(ct_tensor *out, ct_tensor a, intptr_t dim) {
  return guarded([&] { give(out, at::cumsum(*Borrowed(a), dim)); });
}

int ct_argsort(ct_tensor *out, ct_tensor a, intptr_t dim, bool descending) {
  return guarded([&] { give(out, at::argsort(*Borrowed(a), /*stable=*/true, dim, descending)); });
}

int ct_softmax(ct_tensor *out, ct_tensor a, intptr_t dim) {
  return guarded([&] { give(out, at::softmax(*Borrowed(a), dim)); });
}

int ct_log_softmax(ct_tensor *out, ct_tensor a, intptr_t dim) {
  return guarded([&] { give(out, at::log_softmax(*Borrowed(a), dim)); });
}
