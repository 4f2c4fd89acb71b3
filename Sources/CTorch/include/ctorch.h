// libtorch behind a C ABI: handles, dtypes, devices, autograd, generators and the runtime.
//
// Every function returns 0, or -1 after storing a message for ct_last_error (per thread); the few
// that cannot fail return their value. A ct_tensor or ct_generator written to `out` is owned by the
// caller, who passes it once to ct_release or ct_generator_release; arguments are borrowed. A
// ct_tensor whose `raw` is NULL stands for "no tensor": it may be released, and is accepted where a
// parameter is said to be optional.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A struct, so that Swift gets a distinct type.
typedef struct {
  void *raw;
} ct_tensor;

typedef struct {
  void *raw;
} ct_generator;

// A number on the host; integers stay integers in type promotion, as in PyTorch.
typedef struct {
  double value;
  bool is_integer;
} ct_scalar;

// Numbers of c10::ScalarType.
enum {
  CT_UINT8 = 0,
  CT_INT8 = 1,
  CT_INT16 = 2,
  CT_INT32 = 3,
  CT_INT64 = 4,
  CT_FLOAT16 = 5,
  CT_FLOAT32 = 6,
  CT_FLOAT64 = 7,
  CT_BOOL = 11,
  CT_BFLOAT16 = 15,
};

// A device is an int32_t: -1 is the CPU, n >= 0 is CUDA device n.
enum { CT_CPU = -1 };

// The message of the last failure on this thread, valid until the next failure on it.
const char *ct_last_error(void);

// Attempts, per thread. Once a function has failed within one, all that return a status do nothing and
// return -1, and the message stays, until it ends. Attempts may lie within one another.
typedef struct {
  bool is_active;
  bool has_failed;
  bool is_out_of_memory;  // or more memory was asked for than any machine has
} ct_attempt;
ct_attempt ct_attempt_begin(void);               // returns what end restores
ct_attempt ct_attempt_end(ct_attempt previous);  // returns how it went
ct_attempt ct_attempt_now(void);

// Handles.
void ct_release(ct_tensor tensor);
void ct_retain(ct_tensor *out, ct_tensor tensor);  // a second owner of the same tensor
void ct_generator_release(ct_generator generator);

// A tensor over memory it does not own. `deleter(context)` runs when the last tensor that shares the
// storage is gone (also when this call fails); it may be NULL. Strides are contiguous; CPU only.
int ct_from_blob(
    ct_tensor *out, void *data, const intptr_t *sizes, intptr_t rank, int32_t dtype,
    void (*deleter)(void *context), void *context);

// Accessors, which cannot fail. Of no tensor, which a failed attempt gives, they say that it is a float32 on
// the CPU without elements, whose CT_NO_RANK dims have size 1: more dims than are ever asked for.
enum { CT_NO_RANK = 8 };
intptr_t ct_rank(ct_tensor tensor);
intptr_t ct_size(ct_tensor tensor, intptr_t dim);  // 0 <= dim < rank
void ct_sizes(ct_tensor tensor, intptr_t *sizes);  // writes `rank` values
void ct_strides(ct_tensor tensor, intptr_t *strides);
intptr_t ct_count(ct_tensor tensor);
int32_t ct_dtype(ct_tensor tensor);
int32_t ct_device(ct_tensor tensor);
bool ct_is_contiguous(ct_tensor tensor);
bool ct_requires_grad(ct_tensor tensor);
bool ct_same_tensor(ct_tensor a, ct_tensor b);   // the same object
bool ct_same_storage(ct_tensor a, ct_tensor b);  // views of the same memory

// The first element's address; the memory is the tensor's, and is on its device.
int ct_data_ptr(void **out, ct_tensor tensor);
// The storage that a view looks into: its address and length in bytes, and the view's offset in
// elements.
int ct_storage(void **data, intptr_t *byte_count, intptr_t *offset, ct_tensor tensor);
// The first element as a number.
int ct_item(double *out, ct_tensor tensor);
int ct_to_string(char **out, ct_tensor tensor);  // released with free()

// Creation.
int ct_from_bytes(
    ct_tensor *out, const void *data, const intptr_t *sizes, intptr_t rank, int32_t dtype,
    int32_t device);  // copies
int ct_empty(
    ct_tensor *out, const intptr_t *sizes, intptr_t rank, int32_t dtype, int32_t device);
int ct_full(
    ct_tensor *out, const intptr_t *sizes, intptr_t rank, double value, int32_t dtype,
    int32_t device);
int ct_arange(
    ct_tensor *out, ct_scalar start, ct_scalar end, ct_scalar step, int32_t dtype, int32_t device);
int ct_linspace(
    ct_tensor *out, double start, double end, intptr_t count, int32_t dtype, int32_t device);
int ct_eye(ct_tensor *out, intptr_t count, int32_t dtype, int32_t device);
int ct_randperm(
    ct_tensor *out, intptr_t count, ct_generator generator, int32_t dtype, int32_t device);
int ct_randint(
    ct_tensor *out, intptr_t low, intptr_t high, const intptr_t *sizes, intptr_t rank,
    ct_generator generator, int32_t dtype, int32_t device);

// Copies between dtypes, devices and layouts; a tensor that is already so is returned shared.
int ct_to(ct_tensor *out, ct_tensor tensor, int32_t dtype, int32_t device);
int ct_to_dtype(ct_tensor *out, ct_tensor tensor, int32_t dtype);
int ct_to_device(ct_tensor *out, ct_tensor tensor, int32_t device);
int ct_contiguous(ct_tensor *out, ct_tensor tensor);
int ct_clone(ct_tensor *out, ct_tensor tensor);
int ct_detach(ct_tensor *out, ct_tensor tensor);

// In place.
int ct_copy_(ct_tensor tensor, ct_tensor source);
int ct_fill_(ct_tensor tensor, double value);
int ct_zero_(ct_tensor tensor);
int ct_add_(ct_tensor tensor, ct_tensor other, ct_scalar alpha);
int ct_add_scalar_(ct_tensor tensor, ct_scalar other);
int ct_mul_(ct_tensor tensor, ct_tensor other);
int ct_mul_scalar_(ct_tensor tensor, ct_scalar other);
int ct_normal_(ct_tensor tensor, double mean, double std, ct_generator generator);
int ct_uniform_(ct_tensor tensor, double low, double high, ct_generator generator);
// Replaces what the tensor holds, keeping its identity (PyTorch's `tensor.data = data`).
int ct_set_data(ct_tensor tensor, ct_tensor data);

// Autograd.
bool ct_grad_enabled(void);
void ct_set_grad_enabled(bool enabled);
int ct_set_requires_grad(ct_tensor tensor, bool requires_grad);
int ct_grad(ct_tensor *out, ct_tensor tensor);  // raw is NULL where there is none
int ct_set_grad(ct_tensor tensor, ct_tensor grad);  // `grad` is optional
int ct_backward(ct_tensor tensor, ct_tensor gradient, bool keep_graph);  // `gradient` is optional

// Autocast for one device type, per thread: begin returns what end restores.
typedef struct {
  bool was_enabled;
  int32_t dtype;
} ct_autocast;
int ct_autocast_begin(ct_autocast *previous, int32_t device, bool enabled, int32_t dtype);
int ct_autocast_end(ct_autocast previous, int32_t device);

// Generators: one seed, one stream, the same on every device: numbers are drawn on the CPU and moved.
int ct_generator_create(ct_generator *out, uint64_t seed);
int ct_generator_state(ct_tensor *out, ct_generator generator);  // uint8
int ct_generator_set_state(ct_generator generator, ct_tensor state);
int ct_generator_random64(uint64_t *out, ct_generator generator);

// Runtime.
const char *ct_version(void);
const char *ct_library_path(void);  // the file libtorch_cpu was loaded from
intptr_t ct_threads(void);
int ct_set_threads(intptr_t count);
intptr_t ct_interop_threads(void);
int ct_set_interop_threads(intptr_t count);  // once, before parallel work starts
intptr_t ct_host_memory(void);  // bytes; more of tensors than these are refused
int ct_use_deterministic_algorithms(bool enabled);
intptr_t ct_cuda_count(void);  // loads libtorch_cuda, if it is there, on the first call
const char *ct_cuda_load_error(void);  // why libtorch_cuda is not loaded, or ""

#ifdef __cplusplus
}
#endif
