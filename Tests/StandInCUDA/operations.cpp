// The device's kernels. Whatever the CPU has a kernel for runs by that kernel; what has to know where
// memory is, and attention, is written here.
#include "stand_in.h"

#include <ATen/EmptyTensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/transformers/attention.h>
#include <ATen/ops/_fused_sdp_choice.h>
#include <ATen/ops/_local_scalar_dense.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu_backward.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <torch/library.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

using at::IntArrayRef;
using at::Tensor;
using standin::on_device;
using standin::on_host;
using std::optional;

namespace {

// MARK: By the CPU's kernels

// One call: its arguments become the CPU's, its results the device's.
class StandInCall {
 public:
  StandInCall(const c10::OperatorHandle &op, torch::jit::Stack *stack)
      : op_(op), stack_(stack), first_(stack->size() - op.schema().arguments().size()) {}

  void run() {
    const auto &arguments = op_.schema().arguments();
    before_.assign(stack_->begin() + first_, stack_->end());
    for (size_t i = 0; i < arguments.size(); i++) {
      const auto *alias = arguments[i].alias_info();
      (*stack_)[first_ + i] = to_host(before_[i], alias && alias->isWrite());
    }
    TORCH_CHECK(
        !has_device_ || !has_host_ || takes_indices_of_the_host(),
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and "
        "cpu! (in ", op_.schema().name(), ")");
    op_.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack_);
    for (auto &[tensor, fresh] : resized_) {
      tensor.resize_(fresh.sizes());
      on_host(tensor).copy_(fresh);
    }
    const auto &returns = op_.schema().returns();
    const size_t start = stack_->size() - returns.size();
    for (size_t i = 0; i < returns.size(); i++) {
      (*stack_)[start + i] = result((*stack_)[start + i], returns[i].alias_info());
    }
  }

 private:
  c10::IValue to_host(const c10::IValue &value, bool is_written) {
    if (value.isTensor()) return seen(value.toTensor(), is_written);
    if (value.isTensorList()) {
      c10::List<Tensor> list;
      for (const Tensor &tensor : value.toTensorVector()) list.push_back(seen(tensor, is_written));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<optional<Tensor>> list;
      for (const optional<Tensor> &tensor : value.toOptionalTensorVector()) {
        list.push_back(tensor ? optional<Tensor>(seen(*tensor, is_written)) : std::nullopt);
      }
      return list;
    }
    if (value.isDevice()) return c10::Device(c10::kCPU);
    TORCH_CHECK(
        !value.isGenerator() || value.toGenerator().device().is_cuda(),
        "Expected a 'cuda' device type for generator but found 'cpu'");
    return value;
  }

  Tensor seen(const Tensor &tensor, bool is_written) {
    if (!tensor.defined()) return tensor;
    if (tensor.is_cpu()) {
      has_host_ = has_host_ || tensor.dim() > 0;
      return tensor;
    }
    has_device_ = true;
    // A kernel may make an empty output as large as it wants it.
    if (is_written && tensor.numel() == 0) {
      resized_.emplace_back(tensor, at::empty({0}, tensor.options().device(at::kCPU)));
      return resized_.back().second;
    }
    return on_host(tensor);
  }

  bool takes_indices_of_the_host() const {
    static const std::set<std::string> names = {
        "aten::index", "aten::index_put_", "aten::_index_put_impl_"};
    return names.count(op_.schema().name()) > 0;
  }

  c10::IValue result(const c10::IValue &value, const c10::AliasInfo *alias) const {
    if (alias && alias->isWrite()) {  // an argument that was changed
      const auto &arguments = op_.schema().arguments();
      for (size_t i = 0; i < arguments.size(); i++) {
        if (arguments[i].alias_info() && *arguments[i].alias_info() == *alias) return before_[i];
      }
    }
    if (value.isTensor()) return on_device(value.toTensor());
    if (!value.isTensorList()) return value;
    c10::List<Tensor> list;
    for (const Tensor &tensor : value.toTensorVector()) list.push_back(on_device(tensor));
    return list;
  }

  const c10::OperatorHandle &op_;
  torch::jit::Stack *stack_;
  const size_t first_;
  std::vector<c10::IValue> before_;
  std::vector<std::pair<Tensor, Tensor>> resized_;
  bool has_device_ = false;
  bool has_host_ = false;
};

void by_the_cpu(const c10::OperatorHandle &op, torch::jit::Stack *stack) {
  static const std::set<std::string> waiting = {
      "aten::equal", "aten::masked_select", "aten::nonzero", "aten::unique_dim", "aten::_unique2"};
  standin::count(standin::operations);
  if (waiting.count(op.schema().name()) > 0) standin::count(standin::waits);
  StandInCall(op, stack).run();
}

// MARK: Memory

Tensor make(IntArrayRef sizes, optional<at::ScalarType> dtype, optional<at::MemoryFormat> format) {
  return Tensor(at::detail::empty_generic(
      sizes, standin::memory(), c10::DispatchKeySet(c10::DispatchKey::CUDA),
      dtype.value_or(at::kFloat), format));
}

Tensor make_strided(IntArrayRef sizes, IntArrayRef strides, optional<at::ScalarType> dtype) {
  return Tensor(at::detail::empty_strided_generic(
      sizes, strides, standin::memory(), c10::DispatchKeySet(c10::DispatchKey::CUDA),
      dtype.value_or(at::kFloat)));
}

Tensor &copy(Tensor &to, const Tensor &from, bool is_async) {
  standin::count(standin::operations);
  if (from.is_cpu()) standin::count(standin::copies_to_device);
  if (to.is_cpu()) {
    standin::count(standin::copies_to_host);
    if (!is_async) standin::count(standin::waits);
  }
  on_host(to).copy_(on_host(from));
  return to;
}

const Tensor &resize(const Tensor &tensor, IntArrayRef sizes, optional<at::MemoryFormat>) {
  auto *impl = tensor.unsafeGetTensorImpl();
  const int64_t elements = c10::multiply_integers(sizes) + impl->storage_offset();
  const size_t bytes = static_cast<size_t>(elements) * tensor.element_size();
  auto storage = impl->storage();
  if (storage.nbytes() < bytes) {
    auto longer = standin::memory()->allocate(bytes);
    if (storage.nbytes() > 0) std::memcpy(longer.get(), storage.data(), storage.nbytes());
    storage.set_data_ptr_noswap(std::move(longer));
    storage.set_nbytes(bytes);
  }
  impl->set_sizes_contiguous(sizes);
  return tensor;
}

// MARK: Attention, which the CPU and CUDA have under different names

int64_t choose_attention(
    const Tensor &query, const Tensor &key, const Tensor &value, const optional<Tensor> &mask,
    double dropout, bool is_causal, optional<double> scale, bool is_grouped) {
  optional<Tensor> bias;
  if (mask) bias = on_host(*mask).set_requires_grad(mask->requires_grad());
  const bool is_fused =
      at::_fused_sdp_choice(
          on_host(query), on_host(key), on_host(value), bias, dropout, is_causal, scale,
          is_grouped) != 0;
  return is_fused ? 2 : 0;  // at::SDPBackend: efficient_attention, math
}

std::tuple<Tensor, Tensor, Tensor, Tensor> attention(
    const Tensor &query, const Tensor &key, const Tensor &value, const optional<Tensor> &bias, bool,
    double dropout, bool is_causal, optional<double> scale) {
  standin::count(standin::operations);
  auto [out, log_sums] = at::_scaled_dot_product_flash_attention_for_cpu(
      on_host(query), on_host(key), on_host(value), dropout, is_causal,
      bias ? optional<Tensor>(on_host(*bias)) : std::nullopt, scale);
  return {on_device(out), on_device(log_sums), make({}, at::kLong, {}), make({}, at::kLong, {})};
}

std::tuple<Tensor, Tensor, Tensor, Tensor> attention_backward(
    const Tensor &gradient, const Tensor &query, const Tensor &key, const Tensor &value,
    const Tensor &bias, const Tensor &out, const Tensor &log_sums, const Tensor &, const Tensor &,
    double dropout, std::array<bool, 4>, bool is_causal, optional<double> scale) {
  standin::count(standin::operations);
  auto [of_query, of_key, of_value] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
      on_host(gradient), on_host(query), on_host(key), on_host(value), on_host(out),
      on_host(log_sums), dropout, is_causal,
      bias.defined() ? optional<Tensor>(on_host(bias)) : std::nullopt, scale);
  return {on_device(of_query), on_device(of_key), on_device(of_value), Tensor()};
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl(
      "empty.memory_format",
      [](IntArrayRef sizes, optional<at::ScalarType> dtype, optional<at::Layout>,
         optional<at::Device>, optional<bool>, optional<at::MemoryFormat> format) {
        return make(sizes, dtype, format);
      });
  library.impl(
      "empty_strided",
      [](IntArrayRef sizes, IntArrayRef strides, optional<at::ScalarType> dtype,
         optional<at::Layout>, optional<at::Device>, optional<bool>) {
        return make_strided(sizes, strides, dtype);
      });
  library.impl("copy_", &copy);
  library.impl("resize_", &resize);
  library.impl("_local_scalar_dense", [](const Tensor &tensor) {
    standin::count(standin::operations);
    standin::count(standin::waits);
    return at::_local_scalar_dense(on_host(tensor));
  });
  library.impl(
      "as_strided",
      [](const Tensor &x, IntArrayRef sizes, IntArrayRef strides, optional<int64_t> offset) {
        return at::native::as_strided_tensorimpl(x, sizes, strides, offset);
      });
  library.impl("view", [](const Tensor &x, IntArrayRef sizes) {
    return at::native::view(x, sizes);
  });
  library.impl("_reshape_alias", [](const Tensor &x, IntArrayRef sizes, IntArrayRef strides) {
    return at::native::_reshape_alias(x, sizes, strides);
  });
  library.impl("unfold", [](const Tensor &x, int64_t dim, int64_t size, int64_t step) {
    return at::native::unfold(x, dim, size, step);
  });
  library.impl("_scaled_dot_product_efficient_attention", &attention);
  library.impl("_scaled_dot_product_efficient_attention_backward", &attention_backward);
  at::native::_fused_sdp_choice_stub.set_cuda_dispatch_ptr(&choose_attention);

  // All that the CPU has a kernel for, and what it chooses a library for by the device.
  std::vector<c10::OperatorName> names =
      c10::Dispatcher::singleton().getAllOpNamesForDispatchKey(c10::DispatchKey::CPU);
  names.push_back({"aten::convolution", ""});
  names.push_back({"aten::convolution_backward", ""});
  for (const auto &name : names) {
    const auto op = c10::Dispatcher::singleton().findSchema(name);
    if (!op || name.name.rfind("aten::", 0) != 0) continue;
    if (op->hasKernelForDispatchKey(c10::DispatchKey::CUDA)) continue;
    const auto overload = name.overload_name.empty() ? "" : "." + name.overload_name;
    library.impl(
        (name.name + overload).c_str(),
        torch::CppFunction::makeFromBoxedFunction<&by_the_cpu>());
  }
}
