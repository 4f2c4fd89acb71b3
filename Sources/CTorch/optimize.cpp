// One optimisation step: gradients away, clipped, applied.
#include "ctorch_ops.h"
#include "internal.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp_max.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

using namespace ctorch;

void ct_zero_grad(const ct_tensor *parameters, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) {
    if (!parameters[i].raw) continue;
    Borrowed parameter(parameters[i]);
    if (parameter->grad().defined()) parameter->mutable_grad().reset();
  }
}

namespace {

// The fused kernel wants one device and one dtype a call.
struct Group {
  at::Device device;
  at::ScalarType dtype;
  std::vector<at::Tensor> parameters, gradients, averages, square_averages, steps;
};

}  // namespace

int ct_adamw_step(
    const ct_tensor *parameters, ct_tensor *steps, ct_tensor *averages, ct_tensor *square_averages,
    intptr_t count, double learning_rate, double beta1, double beta2, double epsilon,
    double weight_decay) {
  return guarded([&] {
    c10::AutoGradMode no_gradient(false);
    std::vector<Group> groups;
    for (intptr_t i = 0; i < count; i++) {
      at::Tensor parameter = shared(parameters[i]);
      const at::Tensor &gradient = parameter.grad();
      if (!gradient.defined()) continue;
      auto device = parameter.device();
      auto dtype = parameter.scalar_type();
      auto group = std::find_if(groups.begin(), groups.end(), [&](const Group &candidate) {
        return candidate.device == device && candidate.dtype == dtype;
      });
      if (group == groups.end()) group = groups.insert(group, Group{device, dtype, {}, {}, {}, {}, {}});
      if (!steps[i].raw) give(&steps[i], at::zeros({}, parameter.options().dtype(at::kFloat)));
      if (!averages[i].raw) give(&averages[i], at::zeros_like(parameter));
      if (!square_averages[i].raw) give(&square_averages[i], at::zeros_like(parameter));
      group->steps.push_back(shared(steps[i]));
      group->averages.push_back(shared(averages[i]));
      group->square_averages.push_back(shared(square_averages[i]));
      group->gradients.push_back(gradient);
      group->parameters.push_back(std::move(parameter));
    }
    for (auto &group : groups) {
      at::_foreach_add_(group.steps, 1);
      at::_fused_adamw_(
          group.parameters, group.gradients, group.averages, group.square_averages,
          /*max_exp_avg_sqs=*/{}, group.steps, learning_rate, beta1, beta2, weight_decay, epsilon,
          /*amsgrad=*/false, /*maximize=*/false);
    }
  });
}

// The order of operations is that of torch.nn.utils.clip_grad_norm_.
int ct_clip_grad_norm(double *norm, const ct_tensor *parameters, intptr_t count, double max) {
  return guarded([&] {
    c10::AutoGradMode no_gradient(false);
    std::vector<at::Tensor> gradients;
    for (intptr_t i = 0; i < count; i++) {
      Borrowed parameter(parameters[i]);
      if (parameter->grad().defined()) gradients.push_back(parameter->grad());
    }
    *norm = 0;
    if (gradients.empty()) return;
    std::vector<at::Tensor> norms;
    for (auto &one : at::_foreach_norm(gradients, 2)) {
      norms.push_back(one.to(gradients[0].device()));
    }
    auto total = at::linalg_vector_norm(at::stack(norms), 2);
    auto factor = at::clamp_max(at::mul(at::reciprocal(at::add(total, 1e-6)), max), 1.0);
    for (auto &gradient : gradients) gradient.mul_(factor.to(gradient.device()));
    *norm = total.item().toDouble();
  });
}
