// The device: one of it, with a stream that is always done.
#include "stand_in.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

namespace {

const c10::Stream standin_stream(c10::Stream::DEFAULT, standin::device);

struct StandInGuard final : c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::CUDA> {
  c10::Device getDevice() const override { return standin::device; }
  c10::Device exchangeDevice(c10::Device) const override { return standin::device; }
  c10::Stream getStream(c10::Device) const noexcept override { return standin_stream; }
  c10::Stream getNewStream(c10::Device, int) const override { return standin_stream; }
  c10::Stream getDefaultStream(c10::Device) const override { return standin_stream; }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return standin_stream; }
  void record(void **, const c10::Stream &, const c10::DeviceIndex, const c10::EventFlag)
      const override {}
  void block(void *, const c10::Stream &) const override {}
  bool queryEvent(void *) const override { return true; }
  void synchronizeStream(const c10::Stream &) const override { standin::count(standin::waits); }
  void synchronizeEvent(void *) const override { standin::count(standin::waits); }
  void recordDataPtrOnStream(const c10::DataPtr &, const c10::Stream &) const override {}
};
C10_REGISTER_GUARD_IMPL(CUDA, StandInGuard);

}  // namespace

// The registry looks for this very name.
struct CUDAHooks : at::CUDAHooksInterface {
  explicit CUDAHooks(at::CUDAHooksArgs) {}
  void init() const override {}
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  bool hasCUDA() const override { return true; }
  bool hasCUDART() const override { return true; }
  bool isPinnedPtr(const void *) const override { return false; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  int getNumGPUs() const override { return 1; }
  c10::DeviceIndex current_device() const override { return 0; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
};

namespace at {
using ::CUDAHooks;
REGISTER_CUDA_HOOKS(CUDAHooks);
}  // namespace at
