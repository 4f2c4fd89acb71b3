public import Torch

extension Device {
  /// CUDA where there is one, else the CPU.
  public static var best: Device { isCUDAAvailable() ? .cuda(0) : .cpu }
}
