// Arithmetic, functions element by element, comparisons.
#include "ctorch_ops.h"
#include "internal.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/floor_divide.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/le.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/round.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tanh.h>

using namespace ctorch;

// Arithmetic.

int ct_add(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::add(*Borrowed(a), *Borrowed(b))); });
}

int ct_sub(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::sub(*Borrowed(a), *Borrowed(b))); });
}

int ct_mul(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::mul(*Borrowed(a), *Borrowed(b))); });
}

int ct_div(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::div(*Borrowed(a), *Borrowed(b))); });
}

int ct_minimum(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::minimum(*Borrowed(a), *Borrowed(b))); });
}

int ct_maximum(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::maximum(*Borrowed(a), *Borrowed(b))); });
}

int ct_matmul(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::matmul(*Borrowed(a), *Borrowed(b))); });
}

int ct_add_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::add(*Borrowed(a), scalar(b))); });
}

int ct_sub_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::sub(*Borrowed(a), scalar(b))); });
}

int ct_mul_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::mul(*Borrowed(a), scalar(b))); });
}

int ct_div_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::div(*Borrowed(a), scalar(b))); });
}

int ct_rsub_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::rsub(*Borrowed(a), scalar(b))); });
}

int ct_rdiv_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::mul(at::reciprocal(*Borrowed(a)), scalar(b))); });
}

int ct_floor_divide(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::floor_divide(*Borrowed(a), scalar(b))); });
}

int ct_remainder(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::remainder(*Borrowed(a), scalar(b))); });
}

int ct_pow(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::pow(*Borrowed(a), scalar(b))); });
}

int ct_pow_tensor(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::pow(*Borrowed(a), *Borrowed(b))); });
}

int ct_clamp(ct_tensor *out, ct_tensor a, const ct_scalar *low, const ct_scalar *high) {
  return guarded([&] {
    std::optional<at::Scalar> least, most;
    if (low) least = scalar(*low);
    if (high) most = scalar(*high);
    give(out, at::clamp(*Borrowed(a), least, most));
  });
}

int ct_lerp(ct_tensor *out, ct_tensor a, ct_tensor b, ct_scalar weight) {
  return guarded([&] { give(out, at::lerp(*Borrowed(a), *Borrowed(b), scalar(weight))); });
}

int ct_addcmul(ct_tensor *out, ct_tensor a, ct_tensor b, ct_tensor c) {
  return guarded([&] { give(out, at::addcmul(*Borrowed(a), *Borrowed(b), *Borrowed(c))); });
}

// Element by element.

int ct_neg(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::neg(*Borrowed(a))); });
}

int ct_abs(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::abs(*Borrowed(a))); });
}

int ct_exp(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::exp(*Borrowed(a))); });
}

int ct_log(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::log(*Borrowed(a))); });
}

int ct_log1p(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::log1p(*Borrowed(a))); });
}

int ct_sqrt(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::sqrt(*Borrowed(a))); });
}

int ct_rsqrt(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::rsqrt(*Borrowed(a))); });
}

int ct_square(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::square(*Borrowed(a))); });
}

int ct_sin(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::sin(*Borrowed(a))); });
}

int ct_cos(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::cos(*Borrowed(a))); });
}

int ct_tanh(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::tanh(*Borrowed(a))); });
}

int ct_sigmoid(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::sigmoid(*Borrowed(a))); });
}

int ct_erf(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::erf(*Borrowed(a))); });
}

int ct_floor(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::floor(*Borrowed(a))); });
}

int ct_ceil(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::ceil(*Borrowed(a))); });
}

int ct_round(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::round(*Borrowed(a))); });
}

int ct_sign(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::sign(*Borrowed(a))); });
}

int ct_isfinite(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::isfinite(*Borrowed(a))); });
}

int ct_isnan(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::isnan(*Borrowed(a))); });
}

int ct_logical_not(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::logical_not(*Borrowed(a))); });
}

int ct_logical_and(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::logical_and(*Borrowed(a), *Borrowed(b))); });
}

int ct_logical_or(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::logical_or(*Borrowed(a), *Borrowed(b))); });
}

int ct_eq(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::eq(*Borrowed(a), *Borrowed(b))); });
}

int ct_eq_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::eq(*Borrowed(a), scalar(b))); });
}

int ct_ne(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::ne(*Borrowed(a), *Borrowed(b))); });
}

int ct_ne_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::ne(*Borrowed(a), scalar(b))); });
}

int ct_lt(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::lt(*Borrowed(a), *Borrowed(b))); });
}

int ct_lt_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::lt(*Borrowed(a), scalar(b))); });
}

int ct_le(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::le(*Borrowed(a), *Borrowed(b))); });
}

int ct_le_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::le(*Borrowed(a), scalar(b))); });
}

int ct_gt(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::gt(*Borrowed(a), *Borrowed(b))); });
}

int ct_gt_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::gt(*Borrowed(a), scalar(b))); });
}

int ct_ge(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::ge(*Borrowed(a), *Borrowed(b))); });
}

int ct_ge_scalar(ct_tensor *out, ct_tensor a, ct_scalar b) {
  return guarded([&] { give(out, at::ge(*Borrowed(a), scalar(b))); });
}

int ct_equal(bool *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { *out = at::equal(*Borrowed(a), *Borrowed(b)); });
}
