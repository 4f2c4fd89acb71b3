#include "ctorch.h"
#include <ATen/ops/zeros.h>
#include <ATen/core/Tensor.h>
extern "C" int ct_placeholder(void) { return (int)at::zeros({3}).numel(); }
