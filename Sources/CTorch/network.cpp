// Layers, activations, losses, image resampling.
#include "ctorch_ops.h"
#include "internal.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/div.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/core/Reduction.h>

using namespace ctorch;

int ct_linear(ct_tensor *out, ct_tensor x, ct_tensor weight, ct_tensor bias) {
  return guarded([&] { give(out, at::linear(*Borrowed(x), *Borrowed(weight), optional(bias))); });
}

int ct_layer_norm(
    ct_tensor *out, ct_tensor x, intptr_t size, ct_tensor weight, ct_tensor bias, double epsilon) {
  return guarded([&] {
    int64_t shape[1] = {size};
    give(out, at::layer_norm(*Borrowed(x), shape, optional(weight), optional(bias), epsilon));
  });
}

int ct_embedding(ct_tensor *out, ct_tensor weight, ct_tensor indices) {
  return guarded([&] { give(out, at::embedding(*Borrowed(weight), *Borrowed(indices))); });
}

int ct_conv2d(
    ct_tensor *out, ct_tensor x, ct_tensor weight, ct_tensor bias, const intptr_t stride[2],
    const intptr_t padding[2]) {
  return guarded([&] {
    give(
        out, at::conv2d(
                 *Borrowed(x), *Borrowed(weight), optional(bias), dims(stride, 2),
                 dims(padding, 2)));
  });
}

int ct_scaled_dot_product_attention(
    ct_tensor *out, ct_tensor query, ct_tensor key, ct_tensor value, ct_tensor mask, bool causal,
    const double *scale) {
  return guarded([&] {
    give(
        out, at::scaled_dot_product_attention(
                 *Borrowed(query), *Borrowed(key), *Borrowed(value), optional(mask),
                 /*dropout_p=*/0, causal, scale ? std::make_optional(*scale) : std::nullopt));
  });
}

int ct_relu(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::relu(*Borrowed(a))); });
}

int ct_silu(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::silu(*Borrowed(a))); });
}

int ct_gelu(ct_tensor *out, ct_tensor a, bool tanh) {
  return guarded([&] { give(out, at::gelu(*Borrowed(a), tanh ? "tanh" : "none")); });
}

int ct_softplus(ct_tensor *out, ct_tensor a) {
  return guarded([&] { give(out, at::softplus(*Borrowed(a))); });
}

int ct_mse_loss(ct_tensor *out, ct_tensor a, ct_tensor b) {
  return guarded([&] { give(out, at::mse_loss(*Borrowed(a), *Borrowed(b))); });
}

int ct_cross_entropy(
    ct_tensor *out, ct_tensor logits, ct_tensor targets, intptr_t ignore_index,
    double label_smoothing) {
  return guarded([&] {
    give(
        out, at::cross_entropy_loss(
                 *Borrowed(logits), *Borrowed(targets), {}, at::Reduction::Mean, ignore_index,
                 label_smoothing));
  });
}

int ct_binary_cross_entropy_with_logits(ct_tensor *out, ct_tensor logits, ct_tensor targets) {
  return guarded([&] {
    give(out, at::binary_cross_entropy_with_logits(*Borrowed(logits), *Borrowed(targets)));
  });
}

int ct_normalize(ct_tensor *out, ct_tensor a, intptr_t dim, double epsilon) {
  return guarded([&] {
    Borrowed x(a);
    auto length = at::linalg_vector_norm(*x, 2, at::IntArrayRef(dim), /*keepdim=*/true);
    give(out, at::div(*x, length.clamp_min(epsilon).expand_as(*x)));
  });
}

int ct_dropout(ct_tensor *out, ct_tensor a, double probability, ct_generator source) {
  return guarded([&] {
    Borrowed x(a);
    auto keep = at::empty_like(*x, x->options().device(at::kCPU).requires_grad(false));
    keep.bernoulli_(1 - probability, generator(source)).div_(1 - probability);
    give(out, at::mul(*x, keep.to(x->device())));
  });
}

// Images. libtorch resamples uint8 on a CPU only; elsewhere it goes by way of float32.

namespace {

template <class Resize>
at::Tensor resized(const at::Tensor &image, intptr_t height, intptr_t width, Resize resize) {
  int64_t size[2] = {height, width};
  if (image.scalar_type() != at::kByte || image.is_cpu()) return resize(image, size);
  return resize(image.to(at::kFloat), size).round_().clamp_(0, 255).to(at::kByte);
}

}  // namespace

int ct_resize_bicubic(
    ct_tensor *out, ct_tensor image, intptr_t height, intptr_t width, bool antialias) {
  return guarded([&] {
    give(out, resized(*Borrowed(image), height, width, [=](const at::Tensor &x, at::IntArrayRef size) {
           return antialias ? at::_upsample_bicubic2d_aa(x, size, /*align_corners=*/false)
                            : at::upsample_bicubic2d(x, size, /*align_corners=*/false);
         }));
  });
}

int ct_resize_bilinear(ct_tensor *out, ct_tensor image, intptr_t height, intptr_t width) {
  return guarded([&] {
    give(out, resized(*Borrowed(image), height, width, [](const at::Tensor &x, at::IntArrayRef size) {
           return at::_upsample_bilinear2d_aa(x, size, /*align_corners=*/false);
         }));
  });
}
