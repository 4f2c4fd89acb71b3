// libtorch's operations. Conventions as in ctorch.h; names and semantics are PyTorch's.
#pragma once
#include "ctorch.h"

#ifdef __cplusplus
extern "C" {
#endif

// Shape. Negative dims count from the end.
int ct_reshape(ct_tensor *out, ct_tensor a, const intptr_t *sizes, intptr_t rank);
int ct_flatten(ct_tensor *out, ct_tensor a, intptr_t from, intptr_t to);
int ct_permute(ct_tensor *out, ct_tensor a, const intptr_t *order, intptr_t rank);
int ct_transpose(ct_tensor *out, ct_tensor a, intptr_t dim0, intptr_t dim1);
int ct_unsqueeze(ct_tensor *out, ct_tensor a, intptr_t dim);
int ct_squeeze(ct_tensor *out, ct_tensor a, intptr_t dim);
int ct_squeeze_all(ct_tensor *out, ct_tensor a);
int ct_expand(ct_tensor *out, ct_tensor a, const intptr_t *sizes, intptr_t rank);
int ct_narrow(ct_tensor *out, ct_tensor a, intptr_t dim, intptr_t start, intptr_t length);
// Views of `size` slices each, written to `out`, which has room for all of them; the last may be smaller.
int ct_split(ct_tensor *out, ct_tensor a, intptr_t size, intptr_t dim);
int ct_select(ct_tensor *out, ct_tensor a, intptr_t dim, intptr_t index);
int ct_index_select(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index);
int ct_gather(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index);
int ct_scatter(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index, ct_tensor source);
int ct_scatter_add(ct_tensor *out, ct_tensor a, intptr_t dim, ct_tensor index, ct_tensor source);
int ct_masked_fill(ct_tensor *out, ct_tensor a, ct_tensor mask, ct_scalar value);
int ct_masked_select(ct_tensor *out, ct_tensor a, ct_tensor mask);
int ct_where(ct_tensor *out, ct_tensor condition, ct_tensor a, ct_tensor b);
int ct_repeat_interleave(ct_tensor *out, ct_tensor a, intptr_t repeats, intptr_t dim);
int ct_repeat(ct_tensor *out, ct_tensor a, const intptr_t *repeats, intptr_t rank);
int ct_flip(ct_tensor *out, ct_tensor a, const intptr_t *dims, intptr_t count);
int ct_pad(ct_tensor *out, ct_tensor a, const intptr_t *pad, intptr_t count, double value);
int ct_tril(ct_tensor *out, ct_tensor a, intptr_t diagonal);
int ct_triu(ct_tensor *out, ct_tensor a, intptr_t diagonal);
int ct_cat(ct_tensor *out, const ct_tensor *tensors, intptr_t count, intptr_t dim);
int ct_stack(ct_tensor *out, const ct_tensor *tensors, intptr_t count, intptr_t dim);
int ct_channels_last(ct_tensor *out, ct_tensor a);  // the same tensor, stored N, H, W, C

// Arithmetic with broadcasting.
int ct_add(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_sub(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_mul(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_div(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_add_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_sub_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_rsub_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);  // b - a
int ct_mul_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_div_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_rdiv_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);  // b / a
int ct_floor_divide(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_remainder(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_pow(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_pow_tensor(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_matmul(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_minimum(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_maximum(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_clamp(
    ct_tensor *out, ct_tensor a, const ct_scalar *low, const ct_scalar *high);  // both optional
int ct_lerp(ct_tensor *out, ct_tensor a, ct_tensor b, ct_scalar weight);
int ct_addcmul(ct_tensor *out, ct_tensor a, ct_tensor b, ct_tensor c);  // a + b * c

// Element by element.
int ct_neg(ct_tensor *out, ct_tensor a);
int ct_abs(ct_tensor *out, ct_tensor a);
int ct_exp(ct_tensor *out, ct_tensor a);
int ct_log(ct_tensor *out, ct_tensor a);
int ct_log1p(ct_tensor *out, ct_tensor a);
int ct_sqrt(ct_tensor *out, ct_tensor a);
int ct_rsqrt(ct_tensor *out, ct_tensor a);
int ct_square(ct_tensor *out, ct_tensor a);
int ct_sin(ct_tensor *out, ct_tensor a);
int ct_cos(ct_tensor *out, ct_tensor a);
int ct_tanh(ct_tensor *out, ct_tensor a);
int ct_sigmoid(ct_tensor *out, ct_tensor a);
int ct_erf(ct_tensor *out, ct_tensor a);
int ct_floor(ct_tensor *out, ct_tensor a);
int ct_ceil(ct_tensor *out, ct_tensor a);
int ct_round(ct_tensor *out, ct_tensor a);
int ct_sign(ct_tensor *out, ct_tensor a);
int ct_isfinite(ct_tensor *out, ct_tensor a);
int ct_isnan(ct_tensor *out, ct_tensor a);
int ct_logical_not(ct_tensor *out, ct_tensor a);
int ct_logical_and(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_logical_or(ct_tensor *out, ct_tensor a, ct_tensor b);

// Comparisons, to boolean tensors.
int ct_eq(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_ne(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_lt(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_le(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_gt(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_ge(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_eq_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_ne_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_lt_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_le_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_gt_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_ge_scalar(ct_tensor *out, ct_tensor a, ct_scalar b);
int ct_equal(bool *out, ct_tensor a, ct_tensor b);  // same shape and elements

// Reductions: over everything, or over one dim.
int ct_sum(ct_tensor *out, ct_tensor a);
int ct_mean(ct_tensor *out, ct_tensor a);
int ct_max(ct_tensor *out, ct_tensor a);
int ct_min(ct_tensor *out, ct_tensor a);
int ct_all(ct_tensor *out, ct_tensor a);
int ct_any(ct_tensor *out, ct_tensor a);
int ct_norm(ct_tensor *out, ct_tensor a);
int ct_var(ct_tensor *out, ct_tensor a, bool unbiased);
int ct_std(ct_tensor *out, ct_tensor a, bool unbiased);
int ct_sum_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_mean_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_amax(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_amin(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_argmax(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_norm_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_var_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool unbiased, bool keep);
int ct_std_dim(ct_tensor *out, ct_tensor a, intptr_t dim, bool unbiased, bool keep);
int ct_logsumexp(ct_tensor *out, ct_tensor a, intptr_t dim, bool keep);
int ct_cumsum(ct_tensor *out, ct_tensor a, intptr_t dim);
int ct_argsort(ct_tensor *out, ct_tensor a, intptr_t dim, bool descending);  // stable
int ct_softmax(ct_tensor *out, ct_tensor a, intptr_t dim);
int ct_log_softmax(ct_tensor *out, ct_tensor a, intptr_t dim);

// Networks.
int ct_linear(ct_tensor *out, ct_tensor x, ct_tensor weight, ct_tensor bias);  // bias optional
int ct_layer_norm(
    ct_tensor *out, ct_tensor x, intptr_t size, ct_tensor weight, ct_tensor bias,
    double epsilon);  // weight and bias optional
int ct_embedding(ct_tensor *out, ct_tensor weight, ct_tensor indices);
int ct_conv2d(
    ct_tensor *out, ct_tensor x, ct_tensor weight, ct_tensor bias, const intptr_t stride[2],
    const intptr_t padding[2]);  // bias optional
int ct_scaled_dot_product_attention(
    ct_tensor *out, ct_tensor query, ct_tensor key, ct_tensor value, ct_tensor mask, bool causal,
    const double *scale);  // mask and scale optional
int ct_relu(ct_tensor *out, ct_tensor a);
int ct_silu(ct_tensor *out, ct_tensor a);
int ct_gelu(ct_tensor *out, ct_tensor a, bool tanh);
int ct_softplus(ct_tensor *out, ct_tensor a);
int ct_mse_loss(ct_tensor *out, ct_tensor a, ct_tensor b);
int ct_cross_entropy(
    ct_tensor *out, ct_tensor logits, ct_tensor targets, intptr_t ignore_index,
    double label_smoothing);
int ct_binary_cross_entropy_with_logits(ct_tensor *out, ct_tensor logits, ct_tensor targets);
int ct_normalize(ct_tensor *out, ct_tensor a, intptr_t dim, double epsilon);  // to length 1
int ct_dropout(ct_tensor *out, ct_tensor a, double probability, ct_generator generator);

// Images of uint8 or floating point, [N, C, H, W], resampled; bilinearly, with antialiasing.
int ct_resize_bicubic(
    ct_tensor *out, ct_tensor image, intptr_t height, intptr_t width, bool antialias);
int ct_resize_bilinear(ct_tensor *out, ct_tensor image, intptr_t height, intptr_t width);

// Optimisation over `count` parameters.
void ct_zero_grad(const ct_tensor *parameters, intptr_t count);  // removes the gradients
// Decoupled weight decay (AdamW), libtorch's fused kernel. Parameters without a gradient are left
// alone; the three states of a parameter are created (and owned by the caller) where their raw is
// NULL: `steps` one float32 each, the averages like the parameter.
int ct_adamw_step(
    const ct_tensor *parameters, ct_tensor *steps, ct_tensor *averages, ct_tensor *square_averages,
    intptr_t count, double learning_rate, double beta1, double beta2, double epsilon,
    double weight_decay);
// Scales all gradients so that their global norm is at most `max`; returns the norm before.
int ct_clip_grad_norm(double *norm, const ct_tensor *parameters, intptr_t count, double max);

#ifdef __cplusplus
}
#endif
