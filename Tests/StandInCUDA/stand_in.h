// A stand-in for libtorch_cuda.so, for tests on machines without a GPU: its one CUDA device is the host.
//
// libtorch's build for the CPU has no CUDA kernels, so a library that registers some is its CUDA support:
// what runs with --device cuda goes the way it goes on a GPU. Whatever the CPU has a kernel for is done by
// that kernel, on the same memory laid out in the same way, so that results are the CPU's to the bit.
// What a GPU refuses is refused: tensors of several devices in one operation, and random numbers of the
// CPU's generators.
//
//   STANDIN_CUDA_BYTES=N      no more than N bytes of tensors at a time; beyond it, PyTorch's error
//   STANDIN_CUDA_COUNTS=FILE  what was counted, int64 in the order of `Count`, at any moment
//
// Names here are global symbols of the program: unusual ones, or the dynamic linker takes libtorch's.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>

namespace standin {

// Operations: those with a kernel, views left out. Waits: where the host stands still until the device is
// done, as for item() or a copy to the host.
enum Count { operations, waits, copies_to_device, copies_to_host, bytes_in_use, most_bytes_in_use, counts };

void count(Count what, int64_t by = 1);

inline const c10::Device device(c10::DeviceType::CUDA, 0);

c10::Allocator *memory();

// The tensor as one of the CPU, over the same memory.
at::Tensor on_host(const at::Tensor &tensor);
// A copy on the device, laid out in the same way.
at::Tensor on_device(const at::Tensor &tensor);

}  // namespace standin
